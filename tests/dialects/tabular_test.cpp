// SPDX-License-Identifier: Apache-2.0
// The tabular API, line by line as docs/tabular.md has it, over real accounts and a model that is none.
#include "dialects/tabular.h"

#include "base/log.h"
#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPassword = "correct horse";

class Tabular : public GuardedServer {
 protected:
  Tabular() { tabular_.model = "heart"; }

  void SetUp() override {
    GuardedServer::SetUp();
    root_.key = key_of("root", Role::admin);
    hosting::Description description;
    description.has_predict_data = true;
    description.test_args_json = R"([{"name":"age","type":"float","nullable":true},
      {"name":"sex","type":"bool","nullable":true},{"name":"sex: other","type":"bool","nullable":true},
      {"name":"rows","type":"list","items":{"type":"dict"}}])";
    add("heart", description, [this](const hosting::Call& call, const hosting::OnOutcome& done) {
      called_with_ = call.args_json;
      done({says_, {}, "7"});
    });
  }

  // "201 {…}"
  static std::string text(const http::Response& answer) {
    return std::to_string(answer.status).append(" ").append(answer.body.view());
  }
  std::string send(const std::string& method, const std::string& path, const std::string& body = "",
                   http::Pairs headers = {}) {
    return text(call(method, path, stranger_, std::move(headers), body));
  }
  std::string as_root(const std::string& method, const std::string& path) { return text(call(method, path, root_)); }
  http::Response registered(const std::string& name, const std::string& address = "192.0.2.1") {
    return call("POST", "/register-user", {.name = "s", .address = address}, {},
                R"({"username":")" + name + R"(","password":"correct horse","email":"a@example.org"})");
  }
  // The id of a new user.
  std::string id_of_new(const std::string& name) {
    return std::to_string(body_of(registered(name))["user_id"].GetInt64());
  }
  http::Response logged_in(const std::string& name, const std::string& password = kPassword) {
    return call("POST", "/token", stranger_, {}, R"({"username":")" + name + R"(","password":")" + password + "\"}");
  }
  std::string token_of(const std::string& name) { return json::text_at(body_of(logged_in(name)), "token"); }
  // What /predict says to a new user.
  std::string predict(const std::string& body) {
    if (token_.empty()) {
      id_of_new("ada");
      token_ = token_of("ada");
    }
    return send("POST", "/predict", body, {{"authorization", token_}});
  }
  std::string predict_of(const std::string& probability) {
    says_ = hosting::json_output(R"({"predictions":[{"probability":)" + probability + R"(,"label":0}]})");
    return predict("{}");
  }
  std::string predict_that_fails(const std::string& message) {
    says_ = failure(Error{.code = Code::internal, .message = message, .model_status = 400});
    return predict("{}");
  }

  Somebody root_{.name = "root"}, stranger_{.name = "stranger"};
  std::string token_, called_with_;
  Result<hosting::Output> says_ = hosting::json_output(R"({"predictions":[{"probability":0.5124506,"label":1}]})");
};

TEST_F(Tabular, RegistersAUserOnce) {
  const auto answer = registered("ada");
  EXPECT_EQ(answer.status, 201);
  const auto id = gate_->accounts().user("ada")->id;
  EXPECT_EQ(answer.body.view(), R"({"message":"User created successfully","user_id":)" + std::to_string(id) + "}");
  EXPECT_EQ(text(registered("ada")), R"(409 {"message":"User already exists","user_id":)" + std::to_string(id) + "}");
  const auto user = *gate_->accounts().user(id);
  EXPECT_EQ(user.email, "a@example.org");
  EXPECT_EQ(user.role, Role::user);
  EXPECT_TRUE(user.enabled);
}

TEST_F(Tabular, NamesWhatIsWrongWithARegistration) {
  const std::string path = "/register-user";
  EXPECT_EQ(send("POST", path, R"({"username":5,"password":"correct horse"})"),
            R"(400 {"message":"Bad request","errors":{"username":["Not a valid string."],)"
            R"("email":["Missing data for required field."]}})");
  EXPECT_EQ(send("POST", path, R"({"username":"ada","password":"correct horse","email":"nowhere"})"),
            R"(400 {"message":"Bad request","errors":{"email":["Not a valid email address."]}})");
  EXPECT_THAT(send("POST", path, R"({"username":"ada","password":"short","email":"a@example.org"})"),
              StartsWith(R"(400 {"message":"Bad request","errors":{"password":["a password has )"));
  EXPECT_THAT(send("POST", path, R"({"username":" ","password":"correct horse","email":"a@example.org"})"),
              StartsWith(R"(400 {"message":"Bad request","errors":{"username":["expected )"));
  for (const auto* body : {"", "{", "[]", "5", "\"x\""}) {
    EXPECT_THAT(send("POST", path, body), StartsWith(R"(400 {"message":"Bad request","errors":{"body":[)")) << body;
  }
  EXPECT_FALSE(gate_->accounts().user("ada"));
}

TEST_F(Tabular, GivesNobodyMoreThanTheyAskFor) {
  EXPECT_EQ(call("POST", "/register-user", stranger_, {},
                 R"({"username":"eve","password":"correct horse","email":"e@example.org","role":"admin","id":1})")
                .status,
            201);
  EXPECT_EQ(gate_->accounts().user("eve")->role, Role::user);
}

TEST_F(Tabular, MakesWhoeverRegistersOftenWait) {
  http::Response answer;
  for (int i = 0; i < 20 && answer.status != 429; ++i) answer = registered(std::string("u").append(std::to_string(i)));
  EXPECT_EQ(text(answer), R"(429 {"message":"too many attempts"})");
  EXPECT_NE(header(answer, "Retry-After"), "");
  EXPECT_EQ(registered("u0", "192.0.2.2").status, 409) << "from elsewhere";
  EXPECT_EQ(logged_in("u0").status, 200) << "may log in";
}

TEST_F(Tabular, GivesATokenForAPassword) {
  const auto id = id_of_new("ada");
  const auto token = token_of("ada");
  EXPECT_EQ(std::ranges::count(token, '.'), 2) << "a JSON Web Token";
  EXPECT_EQ(std::to_string(gate_->identify_token(token, "")->user_id), id);
  for (const auto* body :
       {R"({"username":"ada","password":"wrong horse"})", R"({"username":"bob","password":"correct horse"})",
        R"({"username":"ada"})", R"({"username":"ada","password":7})", "{", ""}) {
    EXPECT_EQ(send("POST", "/token", body), R"(401 {"message":"Invalid credentials"})") << body;
  }
}

TEST_F(Tabular, MakesWhoeverGuessesWait) {
  http::Response answer;
  for (int i = 0; i < 20 && answer.status != 429; ++i) answer = logged_in("ada", "wrong horse");
  EXPECT_EQ(text(answer), R"(429 {"message":"too many failed logins"})");
  EXPECT_NE(header(answer, "Retry-After"), "");
}

TEST_F(Tabular, TellsWhetherATokenIsGood) {
  const auto id = id_of_new("ada");
  const auto token = token_of("ada");
  const auto ask = [this](const std::string& shown) { return send("GET", "/token_status/" + shown); };
  const std::string bad = R"(401 {"message":"Invalid token"})";
  EXPECT_EQ(ask(token), R"(200 {"message":"Token is valid"})");
  EXPECT_EQ(ask(token.substr(0, token.size() - 2)), bad);
  EXPECT_EQ(ask("abc"), bad);
  EXPECT_EQ(ask(root_.key), bad) << "is a key";
  EXPECT_EQ(ask(*gate_->issue_token(*gate_->identify_token(token, ""), "dep-1")), bad) << "of a deployment";
  EXPECT_EQ(as_root("PUT", "/toggle-user-permission/" + id + "/false").substr(0, 3), "200");
  EXPECT_EQ(ask(token), bad) << "of somebody who is disabled";
  EXPECT_EQ(as_root("PUT", "/toggle-user-permission/" + id + "/true").substr(0, 3), "200");
  EXPECT_EQ(ask(token), R"(200 {"message":"Token is valid"})");
  house_.now_ += std::chrono::hours(2);
  EXPECT_EQ(ask(token), bad) << "has expired";
}

TEST_F(Tabular, PredictsForARowOfFeatures) {
  const std::string row = R"({"age":75,"sex":"1","colour":"red"})";
  const auto answer = predict(row);
  EXPECT_EQ(answer, R"(200 {"yhat_prob":"0.5124506","yhat":"1"})");
  EXPECT_EQ(called_with_, R"({"rows":[)" + row + "]}") << "as it came, for the model to read";
  const auto by_bearer = call("POST", "/predict", stranger_, {{"authorization", "Bearer " + token_}}, row);
  EXPECT_EQ(by_bearer.status, 200);
  EXPECT_EQ(header(by_bearer, "X-Model-Version"), "7");
}

TEST_F(Tabular, TakesTheVersionThatIsChosenForItsCaller) {
  ASSERT_THAT(predict("{}"), StartsWith("200 "));
  const auto ada = std::to_string(gate_->accounts().user("ada")->id);
  EXPECT_THAT(chosen(), testing::ElementsAre("heart for user " + ada));
}

TEST_F(Tabular, WritesTheProbabilityAsAFloatOfPythons) {
  EXPECT_EQ(predict_of("0.5"), R"(200 {"yhat_prob":"0.5","yhat":"0"})");
  EXPECT_EQ(predict_of("0.5000001"), R"(200 {"yhat_prob":"0.5000001","yhat":"1"})");
  EXPECT_EQ(predict_of("0.51245061"), R"(200 {"yhat_prob":"0.5124506","yhat":"1"})");
  EXPECT_EQ(predict_of("1"), R"(200 {"yhat_prob":"1.0","yhat":"1"})");
  EXPECT_EQ(predict_of("0.0"), R"(200 {"yhat_prob":"0.0","yhat":"0"})");
  EXPECT_EQ(predict_of("0.0001"), R"(200 {"yhat_prob":"0.0001","yhat":"0"})");
  EXPECT_EQ(predict_of("0.00001"), R"(200 {"yhat_prob":"1e-05","yhat":"0"})");
  EXPECT_EQ(predict_of("\"0.7\""), R"(500 {"message":"Internal Server Error"})");
}

TEST_F(Tabular, NamesTheFeatureThatIsBad) {
  const auto bad = [](const std::string& errors) { return R"(400 {"message":"Bad request","errors":)" + errors + "}"; };
  EXPECT_EQ(predict_that_fails("rows[0]: age: 'old' is no number"), bad(R"({"age":["'old' is no number"]})"));
  EXPECT_EQ(predict_that_fails("rows[0]: age is missing, and the model declares nothing to fill it with"),
            bad(R"({"age":["is missing, and the model declares nothing to fill it with"]})"));
  EXPECT_EQ(predict_that_fails("rows[0]: sex: other: '5' is neither true nor false"),
            bad(R"({"sex: other":["'5' is neither true nor false"]})"));
  EXPECT_EQ(predict_that_fails("not today"), bad(R"({"body":["not today"]})"));
  for (const auto* body : {"", "{", "[]", "7", "null"}) {
    EXPECT_THAT(predict(body), StartsWith(R"(400 {"message":"Bad request","errors":{"body":[)")) << body;
  }
}

TEST_F(Tabular, PredictsForNobodyWithoutAGoodToken) {
  const std::string bad = R"(401 {"error":"Unauthorized"})";
  EXPECT_EQ(send("POST", "/predict", "{}"), bad);
  for (const auto* shown : {"abc", "Bearer abc", "Basic YTpi", "", "Bearer"}) {
    EXPECT_EQ(send("POST", "/predict", "{}", {{"authorization", shown}}), bad) << shown;
  }
  EXPECT_EQ(text(call("POST", "/predict", {.name = "local", .address = "127.0.0.1"}, {}, "{}")), bad)
      << "programs on this machine are no exception";
  EXPECT_EQ(called_with_, "");
  predict("{}");
  EXPECT_EQ(call("POST", "/predict", {.name = "key", .key = key_of("bob", Role::user)}, {}, "{}").status, 200);
}

TEST_F(Tabular, PredictsForThoseWhoMayAlone) {
  const auto shown = [this](const std::string& name, Role role, const Rights& rights) {
    return text(call("POST", "/predict", {.name = name, .key = key_of(name, role, rights)}, {}, "{}"));
  };
  EXPECT_THAT(shown("other", Role::user, *Rights::parse(R"({"m":["predict"]})")), StartsWith(R"(403 {"message":")"));
  EXPECT_EQ(shown("same", Role::user, *Rights::parse(R"({"heart":["predict"]})")).substr(0, 3), "200");
}

TEST_F(Tabular, SaysWhenItsModelCannotBeHad) {
  predict("{}");
  registry_.listings.clear();
  EXPECT_EQ(predict("{}"), R"(503 {"message":"The model is not available"})");
  hosting::Description description;
  description.has_predict_data = true;
  add("heart", description, {});
  EXPECT_EQ(predict("{}"), R"(501 {"message":"the model takes no rows of features"})");
}

TEST_F(Tabular, EnablesAndDisablesUsersAtOnce) {
  predict("{}");
  const auto id = std::to_string(gate_->accounts().user("ada")->id);
  const std::string path = "/toggle-user-permission/",
                    done = "200 {\"message\":\"User permission updated successfully\",\"user_id\":" + id + "}";
  EXPECT_EQ(as_root("PUT", path + id + "/false"), done);
  EXPECT_EQ(predict("{}"), R"(401 {"error":"Unauthorized"})") << "by a token of before";
  EXPECT_EQ(logged_in("ada").status, 401);
  EXPECT_EQ(as_root("PUT", path + id + "/True"), done);
  EXPECT_EQ(predict("{}").substr(0, 3), "200");
  for (const auto* nobody : {"999", "0", "-1", "ada"}) {
    EXPECT_EQ(as_root("PUT", path + nobody + "/true"), R"(404 {"message":"User not found"})") << nobody;
  }
  EXPECT_EQ(as_root("PUT", path + id + "/maybe"),
            R"(400 {"message":"Bad request","errors":{"enabled":["expected true or false"]}})");
}

TEST_F(Tabular, RemovesUsers) {
  predict("{}");
  const auto path = "/remove-user/" + std::to_string(gate_->accounts().user("ada")->id);
  EXPECT_EQ(as_root("DELETE", path), R"(200 {"message":"User deleted successfully"})");
  EXPECT_EQ(as_root("DELETE", path), R"(404 {"message":"User not found"})");
  EXPECT_EQ(as_root("DELETE", "/remove-user/ada"), R"(404 {"message":"User not found"})");
  EXPECT_EQ(predict("{}"), R"(401 {"error":"Unauthorized"})");
}

TEST_F(Tabular, KeepsTheLastAdmin) {
  const auto id = std::to_string(gate_->accounts().user("root")->id);
  EXPECT_THAT(as_root("DELETE", "/remove-user/" + id), StartsWith(R"(409 {"message":"this is the last admin)"));
  EXPECT_THAT(as_root("PUT", "/toggle-user-permission/" + id + "/false"), StartsWith(R"(409 {"message":)"));
}

TEST_F(Tabular, LetsAdminsAloneChangeUsers) {
  id_of_new("ada");
  const http::Pairs as_ada{{"authorization", token_of("ada")}};
  for (const auto& [method, path] :
       {std::pair("PUT", "/toggle-user-permission/1/false"), {"DELETE", "/remove-user/1"}}) {
    EXPECT_EQ(send(method, path), R"(401 {"error":"Unauthorized"})");
    EXPECT_EQ(send(method, path, "", as_ada), R"(403 {"message":"admins alone may do this"})");
  }
}

TEST_F(Tabular, AnswersInJsonWhateverIsAsked) {
  EXPECT_EQ(send("GET", "/predict"), R"(405 {"message":"Method not allowed"})");
  EXPECT_EQ(send("GET", "/token_status"), R"(404 {"message":"Not found"})");
}

TEST_F(Tabular, LogsNoToken) {
  log::open(log::Level::trace, log::Format::text);
  log::keep_recent(64 * 1024);
  id_of_new("ada");
  const auto token = token_of("ada");
  for (const auto* method : {"GET", "POST"}) send(method, "/token_status/" + token);
  send("GET", "/token_status/" + token + "/more");
  send("GET", "/token_status/" + token.substr(1));
  log::info("the end of it");
  EXPECT_THAT(log::recent(), HasSubstr("the end of it"));
  EXPECT_EQ(log::recent().find(token.substr(1, 40)), std::string::npos);
}

class ClosedTabular : public Tabular {
 protected:
  ClosedTabular() { tabular_.registration_open = false; }
};

TEST_F(ClosedTabular, RegistersNobodyAndTellsNothing) {
  key_of("ada", Role::user);
  for (const auto* name : {"ada", "bob"}) {
    EXPECT_EQ(text(registered(name)), R"(403 {"message":"Registration is closed"})");
  }
  EXPECT_EQ(send("POST", "/register-user", "{"), R"(403 {"message":"Registration is closed"})");
  EXPECT_FALSE(gate_->accounts().user("bob"));
}

}  // namespace
}  // namespace berth::test
