// SPDX-License-Identifier: Apache-2.0
#include "identity/gate.h"

#include <gmock/gmock.h>

#include "identity/account_house.h"

namespace berth::identity {
namespace {

using testing::ElementsAre;

class GateTest : public AccountHouse {
 protected:
  Gate& gate(GateOptions options = {}) {
    options.now = [this] { return now_; };
    gate_ = std::make_unique<Gate>(std::move(accounts_), *Tokens::create({std::string(32, 'k')}), std::move(options));
    return *gate_;
  }
  Result<std::string> log_in(const std::string& username, const std::string& password) {
    return wait<std::string>([&](auto done) { gate_->log_in(username, password, "10.0.0.1", done); });
  }

  std::unique_ptr<Gate> gate_;
};

TEST_F(GateTest, LetsNobodyInFromElsewhereWithoutACredential) {
  auto& closed = gate();
  EXPECT_EQ(closed.identify({.address = "10.0.0.1"}).error().code, Code::unauthenticated);
  const auto here = closed.identify({.address = "127.0.0.1", .is_local = true});
  ASSERT_TRUE(here);
  EXPECT_FALSE(here->is_known());
  EXPECT_EQ(here->address, "127.0.0.1");
  EXPECT_TRUE(may(*here, Right::predict, "digits"));
  EXPECT_FALSE(may(*here, Right::manage, "digits"));
}

TEST_F(GateTest, LetsAnybodyInWhereTheOperatorSaysSo) {
  auto& open = gate({.anonymous = Anonymous::allowed, .anonymous_rights = Rights::on_all({Right::predict})});
  const auto anybody = open.identify({.address = "10.0.0.1"});
  ASSERT_TRUE(anybody);
  EXPECT_TRUE(may(*anybody, Right::predict, "digits"));
  EXPECT_FALSE(may(*anybody, Right::train, "digits"));
}

TEST_F(GateTest, LetsNobodyInWhereTheOperatorSaysSo) {
  EXPECT_FALSE(gate({.anonymous = Anonymous::refused}).identify({.address = "127.0.0.1", .is_local = true}));
}

TEST_F(GateTest, TakesNoAnonymousCallerForOneWithABadCredential) {
  auto& open = gate({.anonymous = Anonymous::allowed});
  for (const auto* credential : {"berth_nothing", "a.b.c", "x"}) {
    EXPECT_EQ(open.identify({.x_api_key = credential, .is_local = true}).error().code, Code::unauthenticated);
  }
  EXPECT_EQ(open.identify({.authorization = "Basic eDp5"}).error().code, Code::invalid_argument);
}

TEST_F(GateTest, KnowsKeysAndTokensInEachOfTheirPlaces) {
  const auto key = add_key(ada(), {.name = "laptop"})->secret;
  auto& with = gate();
  const auto token = log_in("ada", "correct horse");
  ASSERT_TRUE(token);
  for (const auto& secret : {key, *token}) {
    const auto bearer = "Bearer " + secret, other = "Token " + secret;
    EXPECT_EQ(with.identify({.authorization = bearer, .address = "10.0.0.1"})->name, "ada");
    EXPECT_EQ(with.identify({.authorization = other})->name, "ada");
    EXPECT_EQ(with.identify({.authorization = secret})->name, "ada");
    EXPECT_EQ(with.identify({.x_api_key = secret})->name, "ada");
  }
  EXPECT_EQ(with.identify({.authorization = key, .address = "10.0.0.1"})->address, "10.0.0.1");
}

TEST_F(GateTest, GivesTokensThatEnd) {
  ada();
  auto& with = gate({.token_lifetime = std::chrono::seconds(60)});
  const auto token = *log_in("ada", "correct horse");
  now_ += std::chrono::seconds(59);
  EXPECT_TRUE(with.identify({.authorization = token}));
  now_ += std::chrono::seconds(2);
  EXPECT_FALSE(with.identify({.authorization = token}));
}

TEST_F(GateTest, GivesATokenAtOnceToWhoeverHasJustChangedTheirPassword) {
  const auto id = ada();
  ASSERT_TRUE(change(id, {.password = "battery staple"}));
  auto& with = gate();
  EXPECT_TRUE(with.identify({.authorization = *log_in("ada", "battery staple")}));
}

TEST_F(GateTest, KeepsWhichDeploymentATokenIsFor) {
  const auto key = add_key(ada(), {.name = "laptop"})->secret;
  auto& with = gate();
  const auto token = with.issue_token(*with.identify({.x_api_key = key}), "dep-1");
  EXPECT_EQ(with.identify({.authorization = *token})->deployment, "dep-1");
}

TEST_F(GateTest, TakesNoKeyForAToken) {
  const auto key = add_key(ada(), {.name = "laptop"})->secret;
  auto& with = gate({.environment_key = "from the environment"});
  const auto token = with.issue_token(*with.identify({.x_api_key = key}), "dep-1");
  EXPECT_EQ(with.identify_token(*token, "10.0.0.1")->address, "10.0.0.1");
  EXPECT_EQ(with.identify_token(*token, "")->deployment, "dep-1");
  for (const auto& other : {key, std::string("from the environment"), std::string("a.b.c")}) {
    EXPECT_EQ(with.identify_token(other, "").error().code, Code::unauthenticated) << other;
  }
}

// On a slow machine one wait may be over before the next attempt; each is twice as long as the last.
constexpr int kEnough = 20;

TEST_F(GateTest, MakesANetworkOfIPv6WaitAsOneAddress) {
  auto& with = gate({.login = {.free_attempts = 2}});
  const auto guess = [&](int host, const std::string& network) {
    const auto name = std::string("u").append(std::to_string(host));
    const auto address = network + std::to_string(host);
    return wait<std::string>([&](auto done) { with.log_in(name, "wrong horse", address, done); }).error().code;
  };
  auto told = Code::unauthenticated;
  for (int i = 0; i < kEnough && told == Code::unauthenticated; ++i) told = guess(i, "2001:db8::");
  EXPECT_EQ(told, Code::throttled);
  EXPECT_EQ(guess(kEnough, "2001:db8:0:1::"), Code::unauthenticated) << "is another network";
}

TEST_F(GateTest, CountsFailedLoginsOfEveryKindForTheirAddress) {
  ada();
  auto& with = gate({.login = {.free_attempts = 2}});
  for (int i = 0; i < kEnough; ++i) {
    ASSERT_TRUE(with.admit_login("10.0.0.1"));
    with.login_succeeded("10.0.0.1");
  }
  Result<std::string> told("");
  for (int i = 0; i < kEnough && told; ++i) {
    while (with.admit_login("10.0.0.1")) continue;
    told = log_in("ada", "correct horse");
  }
  ASSERT_FALSE(told) << "with a password, too";
  EXPECT_EQ(told.error().code, Code::throttled);
  EXPECT_TRUE(with.admit_login("10.0.0.2"));
}

TEST_F(GateTest, LetsAnAddressRegisterSoOften) {
  ada();
  auto& with = gate({.login = {.free_attempts = 2}});
  const auto register_from = [&](int host) {
    return with.admit_registration(std::string("2001:db8::").append(std::to_string(host)));
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(register_from(i));
  Result<> last;
  for (int i = 3; i < kEnough && last; ++i) last = register_from(i);
  ASSERT_FALSE(last) << "of the same network";
  EXPECT_EQ(last.error().code, Code::throttled);
  EXPECT_TRUE(with.admit_registration("10.0.0.1"));
  EXPECT_TRUE(log_in("ada", "correct horse")) << "which counts apart";
}

TEST_F(GateTest, KnowsTheKeyOfTheEnvironment) {
  auto& with = gate({.environment_key = "from the environment"});
  const auto found = with.identify({.x_api_key = "from the environment"});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->is_known());
  EXPECT_TRUE(may(*found, Right::manage, "digits"));
  EXPECT_FALSE(may(*found, Right::train, "digits"));
  EXPECT_FALSE(with.identify({.x_api_key = "from the environmenu"}));
  EXPECT_FALSE(gate({}).identify({.x_api_key = ""}));
}

TEST_F(GateTest, MakesWhoeverGuessesWait) {
  ada();
  gate({.login = {.free_attempts = 2}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(log_in("ada", "wrong horse").error().code, Code::unauthenticated);
  const auto refused = log_in("ada", "correct horse");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::throttled);
  EXPECT_TRUE(refused.error().retry_after);
}

TEST_F(GateTest, WritesDownEachLogin) {
  ada();
  gate();
  EXPECT_TRUE(log_in("ada", "correct horse"));
  EXPECT_FALSE(log_in("ada", "wrong horse"));
  EXPECT_FALSE(log_in("eve", "wrong horse"));
  EXPECT_FALSE(log_in(std::string("ev\0e\xe9", 5), "wrong horse"));
  EXPECT_FALSE(log_in(std::string(10'000, 'x'), "wrong horse"));
  auto lines = audit();
  lines.erase(lines.begin());  // she was made
  EXPECT_THAT(lines, ElementsAre("login user ada", "login.refused user ada", "login.refused user eve",
                                 "login.refused user eve\xc3\xa9"));
}

}  // namespace
}  // namespace berth::identity
