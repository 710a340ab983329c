// SPDX-License-Identifier: Apache-2.0
// Who gets a token of a deployment, and what it is worth.
#include <algorithm>

#include "dialects/deployments_fixture.h"

namespace berth::test {
namespace {

constexpr const char* kWrong = R"(401 {"detail":"wrong api token or deployment"})";

TEST_F(DeploymentsTest, GivesATokenForAKey) {
  for (const auto* path : {"/api/login", "/api/auth/login"}) {
    const auto answer = log_in("cats", ada_, ada_, path);
    ASSERT_EQ(answer.status, 200) << answer.body.view();
    const auto caller = gate_->identify(std::string(json::view(body_of(answer)["jwt"])), "");
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->name, "ada");
    EXPECT_EQ(caller->deployment, "cats");
  }
}

TEST_F(DeploymentsTest, GivesNoTokenForAnythingElse) {
  EXPECT_EQ(said(log_in("cats", "wrong", "wrong")), kWrong);
  EXPECT_EQ(said(log_in("cats", ada_, "wrong")), kWrong);
  EXPECT_EQ(said(log_in("cats", "wrong", ada_)), kWrong);
  EXPECT_EQ(said(log_in("dogs", ada_, ada_)), kWrong) << "there is no such deployment";
  const auto bob = key_of("bob", Role::user), eve = key_of("eve", Role::viewer);
  EXPECT_EQ(said(log_in("adas", bob, bob)), kWrong) << "it is not for him";
  EXPECT_EQ(said(log_in("cats", eve, eve)), kWrong) << "she may predict with nothing";
  const auto narrow = key_of("carl", Role::user, {}, *Rights::parse(R"({"other":["predict"]})"));
  EXPECT_EQ(said(log_in("cats", narrow, narrow)), kWrong) << "the key may not do what the token could";
  const auto jwt = token("cats", ada_), general = *gate_->issue_token(*gate_->identify(ada_, ""));
  EXPECT_EQ(said(log_in("cats", jwt, jwt)), kWrong) << "a token would live for ever";
  EXPECT_EQ(said(log_in("cats", general, general)), kWrong);
  EXPECT_EQ(said(log_in("cats", kEnvironmentKey, kEnvironmentKey)), kWrong) << "nobody's";
  EXPECT_EQ(call("POST", "/api/login", {.name = "", .key = ada_}, {},
                 R"({"deployment_id":"cats","api_token":")" + ada_ + R"("})")
                .status,
            401)
      << "without the header";
  EXPECT_EQ(header(log_in("dogs", ada_, ada_), "WWW-Authenticate"), "Bearer");
}

TEST_F(DeploymentsTest, TellsWhatIsWrongWithALogin) {
  EXPECT_EQ(said(call("POST", "/api/login", {}, {}, R"({"deployment_id":5})")),
            R"(422 {"detail":[{"loc":["body","deployment_id"],"msg":"str type expected","type":"type_error.str"},)"
            R"({"loc":["body","api_token"],"msg":"field required","type":"value_error.missing"}]})");
  EXPECT_EQ(call("POST", "/api/login", {}, {}, "no json").status, 422);
}

TEST_F(DeploymentsTest, PutsLoginsIntoTheAuditLog) {
  token("cats", ada_);
  log_in("dogs", ada_, ada_);
  log_in("cats", "wrong", "wrong");
  log_in(std::string(257, 'd'), "wrong", "wrong");
  key_of("later", Role::user);  // is written after them
  const auto entries =
      AccountHouse::wait<std::vector<store::AuditEntry>>([&](auto done) { gate_->accounts().read_audit(0, 10, done); });
  ASSERT_TRUE(entries);
  const auto count = [&](const std::string& action, const std::string& target, const std::string& actor) {
    return std::ranges::count_if(*entries, [&](const auto& entry) {
      return entry.action == action && entry.target == target && entry.actor.starts_with(actor);
    });
  };
  EXPECT_EQ(count("login", "deployment cats", "ada key "), 1);
  EXPECT_EQ(count("login.refused", "deployment dogs", "ada key "), 1);
  EXPECT_EQ(count("login.refused", "deployment cats", "anonymous"), 1);
  EXPECT_TRUE(std::ranges::all_of(*entries, [](const auto& entry) { return entry.target.size() < 200; }));
}

TEST_F(DeploymentsTest, TakesATokenOfTheDeploymentAlone) {
  const auto good = token("cats", ada_);
  EXPECT_EQ(said(predict("adas", good)), R"(403 {"detail":"this token is for another deployment"})");
  EXPECT_EQ(predict("cats", ada_).status, 403) << "a key";
  EXPECT_EQ(predict("cats", *gate_->issue_token(*gate_->identify(ada_, ""))).status, 403) << "a general token";
  const auto foreign = identity::Tokens::create({std::string(32, 'x')})
                           .value()
                           ->issue({.user_id = gate_->accounts().user("ada")->id,
                                    .issued = 0,
                                    .expires = 4'000'000'000,
                                    .deployment = "cats"});
  EXPECT_EQ(said(predict("cats", *foreign)), R"(401 {"detail":"the token is not good, or no longer"})");
  EXPECT_EQ(predict("cats", "none").status, 401);
  EXPECT_EQ(said(call("POST", "/api/deployment/cats/predict", {.name = "local", .address = "127.0.0.1"})),
            R"(401 {"detail":"a token of this deployment is needed"})");
  house_.now_ += std::chrono::minutes(59);
  EXPECT_EQ(predict("cats", good).status, 200);
  house_.now_ += std::chrono::minutes(2);
  EXPECT_EQ(said(predict("cats", good)), R"(401 {"detail":"the token is not good, or no longer"})");
}

TEST_F(DeploymentsTest, AsksAgainWhoMayUseIt) {
  const auto good = token("cats", ada_);
  const auto id = gate_->accounts().user("ada")->id;
  const auto change = [&](identity::UserChange what) {
    ASSERT_TRUE(AccountHouse::wait<identity::User>(
        [&](auto done) { gate_->accounts().change_user(id, what, {.name = "root"}, done); }));
  };
  change({.rights = *Rights::parse(R"({"other":["predict"]})")});
  EXPECT_EQ(said(predict("cats", good)), R"(403 {"detail":"this deployment is not for this user"})");
  change({.enabled = false});
  EXPECT_EQ(predict("cats", good).status, 401);
}

TEST_F(DeploymentsTest, MakesAnAddressWaitFromWhichLoginsFail) {
  address_ = "198.51.100.1";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(log_in("cats", ada_, ada_).status, 200) << "good ones are not counted";
  for (int i = 0; i < 6; ++i) EXPECT_EQ(said(log_in("cats", "wrong", "wrong")), kWrong);
  // On a slow machine one wait may be over before the next attempt; each is twice as long as the last.
  auto answer = log_in("cats", ada_, ada_);
  for (int i = 0; i < 20 && answer.status == 200; ++i) {
    while (log_in("cats", "wrong", "wrong").status == 401) continue;
    answer = log_in("cats", ada_, ada_);
  }
  EXPECT_EQ(answer.status, 429) << "whatever they show";
  EXPECT_NE(header(answer, "Retry-After"), "");
  address_ = "198.51.100.2";
  EXPECT_EQ(log_in("cats", ada_, ada_).status, 200) << "from elsewhere";
}

TEST_F(DeploymentsTest, CountsLoginsForTheirSendersQuota) {
  const auto id = gate_->accounts().user("ada")->id;
  ASSERT_TRUE(AccountHouse::wait<identity::User>([&](auto done) {
    gate_->accounts().change_user(id, {.quota_json = R"({"requests_per_minute":1})"}, {.name = "root"}, done);
  }));
  const auto first = log_in("cats", ada_, ada_);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(header(first, "RateLimit-Remaining"), "0");
  EXPECT_EQ(log_in("cats", ada_, ada_).status, 429);
}

class DeploymentsToken : public DeploymentsTest {
 protected:
  void SetUp() override {
    DeploymentsTest::SetUp();
    token_ = token("cats", ada_);
    key_id_ = gate_->identify(ada_, "")->key_id;
  }
  void change_key(const identity::KeyChange& what) {
    ASSERT_TRUE(AccountHouse::wait<identity::Key>(
        [&](auto done) { gate_->accounts().change_key(key_id_, what, {.name = "root"}, done); }));
  }
  // "200", or what else was said.
  std::string told() {
    const auto answer = predict("cats", token_);
    return answer.status == 200 ? "200" : said(answer);
  }

  static constexpr const char* kNoLonger = R"(401 {"detail":"the token is not good, or no longer"})";
  std::string token_;
  std::int64_t key_id_ = 0;
};

TEST_F(DeploymentsToken, EndsWithItsKey) {
  EXPECT_EQ(told(), "200");
  change_key({.enabled = false});
  EXPECT_EQ(told(), kNoLonger);
  change_key({.enabled = true});
  EXPECT_EQ(told(), "200");
  change_key({.expires = house_.now_ + std::chrono::minutes(5)});
  EXPECT_EQ(told(), "200");
  house_.now_ += std::chrono::minutes(5);
  EXPECT_EQ(told(), kNoLonger);
  change_key({.expires = std::optional<identity::Time>()});
  EXPECT_EQ(told(), "200");
  ASSERT_TRUE(
      AccountHouse::wait<void>([&](auto done) { gate_->accounts().remove_key(key_id_, {.name = "root"}, done); }));
  EXPECT_EQ(told(), kNoLonger);
}

TEST_F(DeploymentsToken, IsAsNarrowAsItsKey) {
  change_key({.rights = *Rights::parse(R"({"other":["predict"]})")});
  EXPECT_EQ(told(), R"(403 {"detail":"this deployment is not for this user"})");
}

TEST_F(DeploymentsToken, CountsForItsKeysQuota) {
  change_key({.quota_json = R"({"requests_per_minute":1})"});
  EXPECT_EQ(told(), "200");
  EXPECT_EQ(predict("cats", token_).status, 429);
}

TEST_F(DeploymentsToken, PutsItsKeyOnRecord) {
  const auto kept = record(body_of(predict("cats", token_))["id"].GetInt64());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request.principal, "key " + std::to_string(key_id_));
}

}  // namespace
}  // namespace berth::test
