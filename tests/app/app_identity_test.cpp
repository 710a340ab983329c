// SPDX-License-Identifier: Apache-2.0
// What the configuration says of users, keys, tokens and quotas reaches the gate, and so do the files of keys.
#include "app_identity.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>

#include "app/parsed.h"
#include "identity/tokens.h"
#include "support/temp_folder.h"

namespace berth {
namespace {

using namespace std::chrono_literals;
using identity::Quota;
using identity::Right;
using identity::Role;
using test::parsed;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(GateOptions, OfTheConfiguration) {
  const auto options = gate_options(parsed(R"(
server: {anonymous: allowed, anonymous_training: false}
identity: {token_lifetime: 61s, free_login_attempts: 12, longest_login_wait: 63s}
)"));
  const auto& [anonymous, rights, environment_key, lifetime, login, quotas, now] = options;
  EXPECT_EQ(anonymous, identity::Anonymous::allowed);
  EXPECT_TRUE(rights.has(Right::predict, "any"));
  EXPECT_FALSE(rights.has(Right::train, "any"));
  EXPECT_EQ(environment_key, "");
  EXPECT_EQ(lifetime, 61s);
  EXPECT_EQ(login.free_attempts, 12u);
  EXPECT_EQ(login.longest_wait, 63s);
  EXPECT_EQ(gate_options(parsed("server: {anonymous: refused}")).anonymous, identity::Anonymous::refused);
  EXPECT_EQ(gate_options({}).anonymous, identity::Anonymous::local);
  EXPECT_TRUE(gate_options({}).anonymous_rights.has(Right::train, "any"));
}

TEST(GateOptions, HaveTheKeyOfTheEnvironmentForTheClassifierAlone) {
  ::setenv("X_API_KEY", "of the environment", 1);
  EXPECT_EQ(gate_options(parsed("classifier: {enabled: true}")).environment_key, "of the environment");
  EXPECT_EQ(gate_options({}).environment_key, "");
  ::unsetenv("X_API_KEY");
  EXPECT_EQ(gate_options(parsed("classifier: {enabled: true}")).environment_key, "");
}

TEST(GateOptions, OfQuotas) {
  const auto rules = gate_options(parsed(R"(
quotas:
  max_addresses: 2001
  max_subjects: 2002
  anonymous:
    requests_per_second: 3
    burst: 4
    requests_per_minute: 5
    requests_per_hour: 6
    requests_per_day: 7
    bytes_per_minute: 8
    bytes_per_hour: 9
    bytes_per_day: 10
    concurrent: 11
  roles: {viewer: {concurrent: 12}, user: {concurrent: 13}, admin: {concurrent: 14}}
defaults: {quota: {concurrent: 15}, quota_per_user: {concurrent: 16}}
models: {digits: {quota: {concurrent: 17}, quota_per_user: {concurrent: 18}}}
)"))
                         .quotas;
  const auto& [anonymous, by_role, of_model, options] = rules;
  EXPECT_EQ(options.max_addresses, 2001u);
  EXPECT_EQ(options.max_subjects, 2002u);
  const auto& [second, burst, minute, hour, day, bytes_minute, bytes_hour, bytes_day, concurrent] = anonymous;
  EXPECT_EQ(second, 3u);
  EXPECT_EQ(burst, 4u);
  EXPECT_EQ(minute, 5u);
  EXPECT_EQ(hour, 6u);
  EXPECT_EQ(day, 7u);
  EXPECT_EQ(bytes_minute, 8u);
  EXPECT_EQ(bytes_hour, 9u);
  EXPECT_EQ(bytes_day, 10u);
  EXPECT_EQ(concurrent, 11u);
  const auto of_role = [&rules](Role role) { return rules.by_role.at(static_cast<std::size_t>(role)); };
  EXPECT_EQ(of_role(Role::viewer), Quota{.concurrent = 12});
  EXPECT_EQ(of_role(Role::user), Quota{.concurrent = 13});
  EXPECT_EQ(of_role(Role::admin), Quota{.concurrent = 14});
  EXPECT_EQ(of_role(Role::anonymous), Quota{});
  EXPECT_EQ(of_model("any").together, Quota{.concurrent = 15});
  EXPECT_EQ(of_model("any").each_user, Quota{.concurrent = 16});
  EXPECT_EQ(of_model("digits").together, Quota{.concurrent = 17});
  EXPECT_EQ(of_model("digits").each_user, Quota{.concurrent = 18});
}

// A server's gate over a database of its own.
class OpenGate : public testing::Test {
 protected:
  fs::path key_file(const std::string& name, char fill, std::size_t size = identity::kTokenKeyBytes) {
    const auto file = folder_.write(name, std::string(size, fill) + "\n");
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return file;
  }
  Result<std::unique_ptr<identity::Gate>> open(const std::vector<fs::path>& files) {
    std::string list;
    for (const auto& file : files) list.append(list.empty() ? "" : ", ").append(file.string());
    const auto config = parsed("identity: {token_keys: [" + list + "]}\n");
    if (database_ == nullptr) database_ = *open_database(config, folder_.path());
    return open_gate(config, *database_, folder_.path());
  }
  // Of the first admin, signed with that.
  static std::string token(const std::string& key) {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return *(*identity::Tokens::create({key}))->issue({.user_id = 1, .issued = now, .expires = now + 600});
  }
  static std::string name_of(identity::Gate& gate, const std::string& token) {
    const auto caller = gate.identify({.authorization = token});
    return caller ? caller->name : caller.error().message;
  }

  test::TempFolder folder_;
  std::unique_ptr<store::Database> database_;
  const std::string new_ = std::string(32, 'n'), old_ = std::string(32, 'o'), other_ = std::string(32, 'x');
};

TEST_F(OpenGate, SignsWithTheFirstFileAndVerifiesByAll) {
  const auto gate = open({key_file("new", 'n'), key_file("old", 'o')});
  ASSERT_TRUE(gate) << gate.error().message;
  EXPECT_EQ(name_of(**gate, token(new_)), "admin");
  EXPECT_EQ(name_of(**gate, token(old_)), "admin");
  EXPECT_EQ(name_of(**gate, token(other_)), "the token is not valid");
  const auto issued = (*gate)->issue_token(*(*gate)->identify({.authorization = token(old_)}));
  ASSERT_TRUE(issued);
  EXPECT_TRUE((*identity::Tokens::create({new_}))->verify(*issued, std::chrono::system_clock::now()));
  EXPECT_FALSE(fs::exists(folder_ / "token.key")) << "nobody needs one";
}

TEST_F(OpenGate, MakesAKeyForItselfAloneWhereNoFileIsNamed) {
  const auto gate = open({});
  ASSERT_TRUE(gate) << gate.error().message;
  const auto file = folder_ / "token.key";
  struct stat status = {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  auto key = test::read_file(file);
  key.pop_back();  // the line feed
  EXPECT_EQ(name_of(**gate, token(key)), "admin");
}

TEST_F(OpenGate, RefusesAFileThatIsNoKey) {
  const auto good = key_file("good", 'g');
  const auto missing = open({good, folder_ / "missing"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("missing"));
  const auto weak = open({good, key_file("short", 's', identity::kTokenKeyBytes - 1)});
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().code, Code::invalid_argument);
  fs::permissions(good, fs::perms::group_read, fs::perm_options::add);
  const auto open_to_all = open({good});
  ASSERT_FALSE(open_to_all);
  EXPECT_EQ(open_to_all.error().code, Code::forbidden);
  EXPECT_THAT(open_to_all.error().message, HasSubstr(good.string()));
}

TEST(AccountsOptions, OfTheConfiguration) {
  const test::TempFolder folder;
  const auto options = accounts_options(parsed(R"(
identity: {password_memory: 71KiB, password_passes: 72, password_threads: 3, max_waiting_logins: 74}
)"),
                                        folder.path());
  const auto& [cost, threads, waiting, keep_first_key, now, on_verify] = options;
  EXPECT_EQ(cost.memory_bytes, 71u * 1024);
  EXPECT_EQ(cost.passes, 72u);
  EXPECT_EQ(threads, 3u);
  EXPECT_EQ(waiting, 74u);
  ASSERT_TRUE(keep_first_key("the secret"));
  EXPECT_EQ(test::read_file(folder / "admin.key"), "the secret\n");
}

}  // namespace
}  // namespace berth
