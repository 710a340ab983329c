// SPDX-License-Identifier: Apache-2.0
// Users, keys, logins and the audit log, as admins and those who log in see them.
#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class AdminAccounts : public GuardedServer {
 protected:
  void SetUp() override {
    GuardedServer::SetUp();
    root_.key = key_of("root", Role::admin);
  }
  http::Response send(const std::string& method, const std::string& path, const std::string& body = "") {
    return call(method, path, root_, {}, body);
  }
  // The new user's or key's id.
  std::string made(const std::string& path, const std::string& body) {
    const auto answer = send("POST", path, body);
    EXPECT_EQ(answer.status, 201) << answer.body.view();
    return std::to_string(body_of(answer)["id"].GetInt64());
  }
  http::Response log_in(const std::string& username, const std::string& password) {
    return call("POST", "/v2/berth/login", {.name = "s"}, {},
                R"({"username":")" + username + R"(","password":")" + password + "\"}");
  }
  static std::string text(const http::Response& answer) { return std::string(answer.body.view()); }
  std::string token_of(const http::Response& answer) { return std::string(json::view(body_of(answer)["token"])); }

  Somebody root_{.name = "root"};
};

TEST_F(AdminAccounts, MakeChangeAndRemoveUsers) {
  const auto id = made("/v2/berth/users", R"({"username":"ada","password":"correct horse","email":"a@b","role":"user",)"
                                          R"("rights":{"m":["predict"]},"quota":{"requests_per_second":5}})");
  const auto one = "/v2/berth/users/" + id;
  EXPECT_THAT(text(send("GET", one)), HasSubstr(R"("username":"ada","email":"a@b","role":"user","enabled":true,)"
                                                R"("rights":{"m":["predict"]},"quota":{"requests_per_second":5})"));
  EXPECT_THAT(text(send("GET", "/v2/berth/users")), Not(HasSubstr("argon2")));
  EXPECT_THAT(text(send("PATCH", one, R"({"role":"viewer","enabled":false,"rights":{}})")),
              HasSubstr(R"("role":"viewer","enabled":false,"rights":{})"));
  EXPECT_EQ(send("POST", "/v2/berth/users", R"({"username":"ada"})").status, 409);
  EXPECT_EQ(send("DELETE", one).status, 204);
  EXPECT_EQ(send("GET", one).status, 404);
  EXPECT_EQ(send("DELETE", one).status, 404);
}

TEST_F(AdminAccounts, NameWhatIsWrongWithABody) {
  const auto refused = [&](const std::string& body) {
    const auto answer = send("POST", "/v2/berth/users", body);
    EXPECT_EQ(answer.status, 400) << body;
    return text(answer);
  };
  EXPECT_THAT(refused(R"({"username":"ada","rloe":"user"})"), HasSubstr("rloe: there is no such member"));
  EXPECT_THAT(refused(R"({"username":"ada","role":"king"})"), HasSubstr("role: expected viewer, user or admin"));
  EXPECT_THAT(refused(R"({"username":"ada","enabled":1})"), HasSubstr("enabled: expected true or false"));
  EXPECT_THAT(refused(R"({"username":5})"), HasSubstr("username: expected a text"));
  EXPECT_THAT(refused(R"({"username":"ada","rights":{"m":["rule"]}})"), HasSubstr("rights.m: expected predict"));
  EXPECT_THAT(refused(R"({"username":"ada","quota":{"requests":1}})"), HasSubstr("quota: "));
  EXPECT_THAT(refused(R"({"username":"ada","password":"short"})"), HasSubstr("password: "));
  EXPECT_THAT(refused("{}"), HasSubstr("username: it is missing"));
  EXPECT_THAT(refused("[]"), HasSubstr("expected a JSON object"));
  refused("{");
  const auto key = send("POST", "/v2/berth/users/1/keys", R"({"name":"k","expires":"tomorrow"})");
  EXPECT_EQ(key.status, 400);
  EXPECT_THAT(text(key), HasSubstr("expires: expected null, or a time"));
  for (const auto* id : {"0", "-1", "x", "99999999999999999999", "77"}) {
    EXPECT_EQ(send("PATCH", std::string("/v2/berth/users/") + id, R"({"enabled":true})").status, 404) << id;
  }
}

TEST_F(AdminAccounts, MakeKeysThatAreShownOnce) {
  const auto user = made("/v2/berth/users", R"({"username":"ada"})");
  const auto keys = "/v2/berth/users/" + user + "/keys";
  const auto answer = send("POST", keys, R"({"name":"laptop","expires":"2030-01-01T00:00:00Z"})");
  EXPECT_EQ(answer.status, 201);
  const std::string secret(json::view(body_of(answer)["key"]));
  EXPECT_THAT(text(send("GET", keys)), HasSubstr(R"("expires":"2030-01-01T00:00:00.000000Z","last_used":null)"));
  EXPECT_THAT(text(send("GET", keys)), Not(HasSubstr(secret)));
  EXPECT_THAT(text(call("GET", "/v2/berth/me", {.name = "ada", .key = secret})),
              HasSubstr(R"({"username":"ada","role":"user")"));
  const auto one = "/v2/berth/keys/" + std::to_string(body_of(answer)["id"].GetInt64());
  EXPECT_THAT(text(send("PATCH", one, R"({"enabled":false,"expires":null})")),
              testing::AllOf(HasSubstr(R"("enabled":false)"), HasSubstr(R"("expires":null)")));
  EXPECT_EQ(call("GET", "/v2/berth/me", {.name = "ada", .key = secret}).status, 401);
  EXPECT_EQ(send("DELETE", one).status, 204);
  EXPECT_EQ(send("DELETE", one).status, 404);
  EXPECT_EQ(send("POST", "/v2/berth/users/77/keys", R"({"name":"x"})").status, 404);
}

TEST_F(AdminAccounts, GiveATokenForAPassword) {
  made("/v2/berth/users", R"({"username":"ada","password":"correct horse"})");
  const auto token = token_of(log_in("ada", "correct horse"));
  EXPECT_THAT(text(call("GET", "/v2/berth/me", {.name = "a", .key = token})), HasSubstr(R"("username":"ada")"));
  const auto wrong = log_in("ada", "wrong horse"), unknown = log_in("eve", "wrong horse");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(json::view(body_of(wrong)["message"]), json::view(body_of(unknown)["message"]));
  EXPECT_EQ(call("POST", "/v2/berth/login", {.name = "s"}, {}, R"({"username":"ada"})").status, 400);
}

TEST_F(AdminAccounts, MakeWhoeverGuessesWait) {
  int status = 0;
  http::Response answer;
  for (int i = 0; i < 20 && status != 429; ++i) status = (answer = log_in("ada", "wrong horse")).status;
  EXPECT_EQ(status, 429);
  EXPECT_NE(header(answer, "Retry-After"), "");
}

TEST_F(AdminAccounts, GiveATokenForSomebodyElse) {
  const auto one = "/v2/berth/users/" + made("/v2/berth/users", R"({"username":"ada"})");
  const auto token = token_of(send("POST", one + "/token"));
  EXPECT_THAT(text(call("GET", "/v2/berth/me", {.name = "a", .key = token})), HasSubstr(R"("username":"ada")"));
  EXPECT_EQ(send("PATCH", one, R"({"enabled":false})").status, 200);
  EXPECT_EQ(send("POST", one + "/token").status, 403);
  EXPECT_EQ(send("POST", "/v2/berth/users/77/token").status, 404);
}

TEST_F(AdminAccounts, KeepTheLastAdmin) {
  const auto all = body_of(send("GET", "/v2/berth/users"));
  const auto one = "/v2/berth/users/" + std::to_string(all[0]["id"].GetInt64());
  EXPECT_EQ(send("PATCH", one, R"({"role":"user"})").status, 409);
  EXPECT_EQ(send("DELETE", one).status, 409);
}

TEST_F(AdminAccounts, TellWhatWasDone) {
  made("/v2/berth/users", R"({"username":"ada","password":"correct horse"})");
  log_in("ada", "wrong horse");
  auto entries = body_of(send("GET", "/v2/berth/audit?count=2"));
  // A login is answered before it stands there.
  while (json::view(entries[0]["action"]) != "login.refused") {
    entries = body_of(send("GET", "/v2/berth/audit?count=2"));
  }
  ASSERT_EQ(entries.Size(), 2U);
  EXPECT_EQ(json::view(entries[0]["action"]), "login.refused");
  EXPECT_EQ(json::view(entries[1]["action"]), "user.create");
  EXPECT_THAT(std::string(json::view(entries[1]["actor"])), HasSubstr("root key "));
  EXPECT_EQ(json::view(entries[1]["address"]), "192.0.2.1");
  const auto before = std::to_string(entries[1]["id"].GetInt64());
  EXPECT_THAT(text(send("GET", "/v2/berth/audit?before=" + before)), Not(HasSubstr(R"("ada")")));
  EXPECT_THAT(text(send("GET", "/v2/berth/audit/verify")), HasSubstr(R"("good":true)"));
  EXPECT_THAT(text(send("GET", "/v2/berth/audit")), Not(HasSubstr("correct horse")));
}

}  // namespace
}  // namespace berth::test
