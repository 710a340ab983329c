// SPDX-License-Identifier: Apache-2.0
// Users, keys and tokens, from the commands of an admin to what a caller is then let do; and what outlives the server.
#include <gmock/gmock.h>
#include <signal.h>
#include <soci/soci.h>
#include <sys/stat.h>

#include <atomic>
#include <string>
#include <thread>

#include "fixtures.h"
#include "store/connection.h"
#include "support/command.h"
#include "support/postgres_server.h"

namespace berth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class AccountsOfAServer : public testing::Test {
 protected:
  Ended berth(const std::string& arguments, const std::string& input = "") const {
    return run("echo '" + input + "' | BERTH_API_KEY= " BERTH_PROGRAM " " + arguments + " --key-file " +
               (server_.folder() / "state/admin.key").string() +
               " --url http://127.0.0.1:" + std::to_string(server_.port()) + " 2>&1");
  }
  json::Document made(const std::string& arguments, const std::string& input = "") const {
    const auto ended = berth(arguments, input);
    EXPECT_EQ(ended.code, 0) << arguments << ": " << ended.output;
    auto document = json::parse(ended.output);
    return document ? std::move(*document) : json::Document();
  }
  int predicts(const std::string& credential, const std::string& model = "echo") const {
    auto client = server_.client();
    client.show_key(credential);
    return client.post_json("/v2/models/" + model + "/predict", "{}").status;
  }

  const ServerProcess server_{{.plugins = {fake("echo"), fake("talker")},
                               .config = "server: {anonymous: refused}\n"
                                         "identity: {password_memory: 8KiB, password_passes: 1}\n"}};
};

TEST_F(AccountsOfAServer, BeginWithAnAdminWhoseKeyOthersCannotRead) {
  struct stat status = {};
  for (const auto* file : {"state/admin.key", "state/token.key", "state/berth.db"}) {
    ASSERT_EQ(::stat((server_.folder() / file).c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mode & 077U, 0U) << file;
  }
  EXPECT_THAT(server_.log(), HasSubstr("admin.key"));
  EXPECT_EQ(server_.log().find(server_.admin_key()), std::string::npos);
  EXPECT_EQ(predicts(server_.admin_key()), 200);
  EXPECT_EQ(predicts(""), 401);
  auto anybody = server_.client();
  EXPECT_EQ(anybody.get("/v2/health/live").status, 200);
}

TEST_F(AccountsOfAServer, AreMadeAndTakenAwayByCommands) {
  const auto ada = made("user add ada --role user --rights '{\"echo\":[\"predict\"]}'");
  EXPECT_EQ(text_at(ada, "username"), "ada");
  const auto key = text_at(made("key add ada laptop"), "key");
  EXPECT_EQ(predicts(key), 200);
  EXPECT_EQ(predicts(key, "talker"), 403);
  made("user change ada --rights '{}'");
  EXPECT_NE(predicts(key, "talker"), 403);
  const auto token = text_at(made("token ada"), "token");
  EXPECT_EQ(predicts(token), 200);
  made("user change ada --disable");
  EXPECT_EQ(predicts(key), 401) << "at once";
  EXPECT_EQ(predicts(token), 401);
  made("user change ada --enable");
  EXPECT_EQ(predicts(key), 200);
  EXPECT_THAT(berth("key list ada").output, AllOf(HasSubstr("laptop"), HasSubstr(key.substr(0, 12))));
  EXPECT_EQ(berth("user remove ada").code, 0);
  EXPECT_EQ(predicts(key), 401);
  EXPECT_THAT(berth("user remove ada").output, HasSubstr("there is no user ada"));
  EXPECT_EQ(berth("user remove admin").code, 1) << "the last admin stays";
}

TEST_F(AccountsOfAServer, LogInWithTheirPassword) {
  made("user add ada --password", "correct horse");
  auto client = server_.client();
  const auto answer = client.post_json("/v2/berth/login", R"({"username":"ada","password":"correct horse"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(predicts(text_at(json_of(answer), "token")), 200);
  EXPECT_EQ(client.post_json("/v2/berth/login", R"({"username":"ada","password":"wrong horse"})").status, 401);
  EXPECT_EQ(server_.log().find("correct horse"), std::string::npos);
}

TEST_F(AccountsOfAServer, LeaveALogThatTellsWhereItWasAltered) {
  made("user add ada");
  made("user add bob");
  EXPECT_EQ(berth("audit verify").code, 0);
  EXPECT_THAT(berth("audit list").output, AllOf(HasSubstr("user.create"), HasSubstr("admin key 1")));
  auto sql = store::connect({.file = server_.folder() / "state/berth.db"}, store::Use::write);
  ASSERT_TRUE(sql);
  **sql << "UPDATE audit_log SET actor = 'nobody' WHERE id = 2";
  const auto verdict = berth("audit verify");
  EXPECT_EQ(verdict.code, 1);
  EXPECT_THAT(verdict.output, HasSubstr("entry 2 is not as it was written"));
}

TEST(QuotasOfAServer, AnswerWhatIsBeyondThemAndSayWhenToComeAgain) {
  const ServerProcess server({.plugins = {fake("echo"), fake("sleeper")},
                              .config = "quotas: {anonymous: {requests_per_hour: 3}}\n"
                                        "models: {sleeper: {quota: {concurrent: 1}}}\n"});
  auto client = server.client();
  for (const auto* left : {"2", "1", "0"}) {
    const auto answer = client.post_json("/v2/models/echo/predict", "{}");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("ratelimit-limit"), "3");
    EXPECT_EQ(answer.header("ratelimit-remaining"), left);
    EXPECT_NE(answer.header("ratelimit-reset"), "");
  }
  const auto refused = client.post_json("/v2/models/echo/predict", "{}");
  EXPECT_EQ(refused.status, 429);
  EXPECT_GT(std::stoi(std::string("0").append(refused.header("retry-after"))), 3000);
  EXPECT_EQ(refused.header("ratelimit-remaining"), "0");
  EXPECT_THAT(text_at(json_of(refused), "message"), HasSubstr("hour"));
  EXPECT_EQ(client.get("/v2/health/live").status, 200) << "is nobody's use";
  auto admin = server.admin();
  EXPECT_EQ(admin.post_json("/v2/models/echo/predict", "{}").status, 200) << "says who they are";

  // One of two calls at once is too many; which, is theirs to find out.
  auto one = server.admin();
  const auto sleep = [](HttpClient& caller) {
    return caller.post_json("/v2/models/sleeper/predict", R"({"seconds":0.2})").status;
  };
  std::atomic<bool> seen = false;
  std::thread long_call([&] {
    while (!seen)
      if (sleep(one) == 429) seen = true;
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!seen && std::chrono::steady_clock::now() < deadline)
    if (sleep(admin) == 429) seen = true;
  EXPECT_TRUE(seen) << "while the other one runs";
  seen = true;
  long_call.join();
  EXPECT_EQ(admin.post_json("/v2/models/sleeper/predict", R"({"seconds":0})").status, 200);
}

TEST(QuotasOfAServer, CountWhatEachUserAsksOfAModel) {
  const ServerProcess server({.plugins = {fake("echo"), fake("talker")},
                              .config = "models: {echo: {quota_per_user: {requests_per_hour: 1}}}\n"});
  auto admin = server.admin();
  EXPECT_EQ(admin.post_json("/v2/models/echo/predict", "{}").status, 200);
  const auto refused = admin.post_json("/v2/models/echo/predict", "{}");
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(text_at(json_of(refused), "message"), HasSubstr("your account with this model"));
  EXPECT_NE(admin.post_json("/v2/models/talker/predict", "{}").status, 429);
  auto nobody = server.client();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(nobody.post_json("/v2/models/echo/predict", "{}").status, 200);
}

TEST(AccountsOutlive, TheServerThatMadeThem) {
  const TempFolder folder;
  const ServerProcess::Options options{
      .plugins = {fake("echo")},
      .config = "server: {anonymous: refused}\nstore: {url: 'sqlite:" + (folder / "berth.db").string() + "'}\n"};
  std::string key;
  for (int i = 0; i < 3; ++i) {
    ServerProcess server(options);
    if (i == 0) key = server.admin_key();
    EXPECT_EQ(server.admin_key(), i == 0 ? key : "") << "there is one first admin";
    auto client = server.client();
    client.show_key(key);
    EXPECT_EQ(client.post_json("/v2/models/echo/predict", "{}").status, 200);
    server.signal(SIGKILL);
    server.wait(std::chrono::seconds(20));
  }
}

TEST(AccountsInPostgresql, AreNotKnownWhileItIsAwayAndKnownAgainByThemselves) {
  if (PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  PostgresServer postgres;
  const auto url = postgres.make_database();
  postgres.stop();
  const ServerProcess server({.plugins = {fake("echo")}, .config = "store: {url: '" + url + "', retry: 100ms}\n"});
  auto client = server.client();
  EXPECT_EQ(client.post_json("/v2/models/echo/predict", "{}").status, 200) << "who needs no account is served";
  const auto ready = client.get("/v2/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, R"({"ready":false,"reason":"database"})");
  auto stranger = server.client();
  stranger.show_key("berth_0000000000000000000000000000000000000000000");
  const auto refused = stranger.get("/v2/models/");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.header("retry-after"), "");
  EXPECT_EQ(text_at(json_of(refused), "message"), "the accounts cannot be read at the moment");
  const auto login = client.post_json("/v2/berth/login", R"({"username":"ada","password":"correct horse"})");
  EXPECT_EQ(login.status, 503);
  EXPECT_EQ(text_at(json_of(login), "message"), text_at(json_of(refused), "message"));
  postgres.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (stranger.get("/v2/models/").status == 503 && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_EQ(stranger.get("/v2/models/").status, 401);
  auto admin = server.admin();
  EXPECT_EQ(admin.get("/v2/berth/users").status, 200);
  EXPECT_EQ(client.get("/v2/health/ready").status, 200);
}

}  // namespace
}  // namespace berth::test
