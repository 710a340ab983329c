// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>

#include "config/config.h"
#include "support/temp_folder.h"

namespace berth::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Config parsed(const std::string& text) {
  const auto config = parse(text, "berth.yaml");
  EXPECT_TRUE(config) << config.error().message;
  return config.value_or(Config{});
}

std::string mistakes(const std::string& text) {
  const auto config = parse(text, "berth.yaml");
  if (config) return "(none)";
  EXPECT_EQ(config.error().code, Code::invalid_argument);
  return config.error().message;
}

TEST(Config, AnEmptyFileMeansTheDefaults) {
  for (const auto* text : {"", "\n# only a comment\n", "{}", "server:\n", "models:\n"}) {
    EXPECT_EQ(parsed(text), Config{}) << text;
  }
}

TEST(Config, ReadsEveryKindOfValue) {
  const auto config = parsed(R"(
server: {models_dir: models, plugins_dirs: [a, /b], ip: "::1", port: 0, base_path: /berth/x}
limits: {max_body_bytes: 1GiB, header_timeout: 250ms}
log: {level: debug, format: json}
fetch: {allow: [10.0.0.0/8, "127.0.0.1:8000"]}
deepaas: {v1: false, debug: true}
)");
  EXPECT_EQ(config.server.ip, "::1");
  EXPECT_EQ(config.server.port, 0);
  EXPECT_EQ(config.server.base_path, "/berth/x");
  EXPECT_EQ(config.server.models_dir, "models");
  EXPECT_THAT(config.server.plugins_dirs, ElementsAre("a", "/b"));
  EXPECT_EQ(config.limits.max_body_bytes, 1024u * 1024 * 1024);
  EXPECT_EQ(config.limits.header_timeout, 250ms);
  EXPECT_EQ(config.log.level, log::Level::debug);
  EXPECT_EQ(config.log.format, log::Format::json);
  EXPECT_THAT(config.fetch.allow, ElementsAre("10.0.0.0/8", "127.0.0.1:8000"));
  EXPECT_FALSE(config.deepaas.v1);
  EXPECT_TRUE(config.deepaas.debug);
}

TEST(Config, AModelTakesFromTheDefaultsWhatItLeavesOut) {
  const auto config = parsed("models: {digits: {workers: 3}}\ndefaults: {max_queue: 7, workers: 2}\n");
  EXPECT_EQ(serving_for(config, "digits").workers, 3u);
  EXPECT_EQ(serving_for(config, "digits").max_queue, 7u);
  EXPECT_EQ(serving_for(config, "other").workers, 2u);
}

TEST(Config, ReadsDeploymentsByTheirId) {
  const auto config = parsed("deployments: {5f3c: {model: digits, users: [ada, bob]}, watched: {}}\n");
  ASSERT_EQ(config.deployments.size(), 2U);
  EXPECT_EQ(config.deployments.at("5f3c").model, "digits");
  EXPECT_THAT(config.deployments.at("5f3c").users, ElementsAre("ada", "bob"));
  EXPECT_EQ(config.deployments.at("watched"), Deployment());
  EXPECT_EQ(mistakes("deployments:\n  a:\n    modle: x\n"),
            "berth.yaml:3: deployments.a.modle: unknown key, did you mean model?");
}

TEST(Config, ReadsBlocksInBlocks) {
  const auto config = parsed(R"(
quotas:
  max_addresses: 5000
  anonymous: {requests_per_minute: 60, bytes_per_day: 1GiB}
  roles:
    user: {requests_per_second: 5, burst: 20, concurrent: 2}
defaults: {quota: {requests_per_hour: 1000}}
models: {digits: {quota: {concurrent: 4}, quota_per_user: {requests_per_minute: 30}}}
)");
  EXPECT_EQ(config.quotas.max_addresses, 5000U);
  EXPECT_EQ(config.quotas.anonymous.requests_per_minute, 60U);
  EXPECT_EQ(config.quotas.anonymous.bytes_per_day, 1024U * 1024 * 1024);
  EXPECT_EQ(config.quotas.roles.user.burst, 20U);
  EXPECT_EQ(config.quotas.roles.viewer, Quota{});
  EXPECT_EQ(serving_for(config, "other").quota.requests_per_hour, 1000U);
  EXPECT_EQ(serving_for(config, "digits").quota.requests_per_hour, 1000U);
  EXPECT_EQ(serving_for(config, "digits").quota.concurrent, 4U);
  EXPECT_EQ(serving_for(config, "digits").quota_per_user.requests_per_minute, 30U);
  EXPECT_EQ(serving_for(config, "other").quota_per_user, Quota{});
}

TEST(Config, ABurstNeedsARateThatItIsBeyond) {
  EXPECT_EQ(mistakes("defaults:\n  quota:\n    burst: 20\nmodels: {digits: {workers: 2}}\n"),
            "berth.yaml:3: defaults.quota.burst: it needs requests_per_second");
  EXPECT_EQ(mistakes("defaults: {quota: {requests_per_second: 5, burst: 20}}\n"
                     "models: {digits: {quota: {requests_per_second: 0}}}\n"),
            "berth.yaml:2: models.digits.quota.burst: it needs requests_per_second");
}

TEST(Config, SaysWhereAMistakeIs) {
  EXPECT_EQ(mistakes("server:\n  ip: 127.0.0.1\n  port: abc\n"),
            "berth.yaml:3: server.port: expected an integer 0..65535, got \"abc\"");
  EXPECT_EQ(mistakes("limits: {max_body_byte: 1}"),
            "berth.yaml:1: limits.max_body_byte: unknown key, did you mean max_body_bytes?");
  EXPECT_EQ(mistakes("\nport: 80"), "berth.yaml:2: port: unknown key, did you mean server.port?");
  EXPECT_EQ(mistakes("models:\n  digits:\n    wrokers: 1\n"),
            "berth.yaml:3: models.digits.wrokers: unknown key, did you mean workers?");
}

TEST(Config, NamesEveryMistakeInTheOrderOfTheFile) {
  EXPECT_EQ(mistakes("log: {level: loud}\nserver: {port: 65536}\ncolour: red\n"),
            "berth.yaml:1: log.level: expected one of trace, debug, info, warning, error, got \"loud\"\n"
            "berth.yaml:2: server.port: expected an integer 0..65535, got \"65536\"\n"
            "berth.yaml:3: colour: unknown key");
}

struct BadValue {
  const char* text;
  const char* message;
};

class BadConfig : public testing::TestWithParam<BadValue> {};

TEST_P(BadConfig, IsRefused) { EXPECT_THAT(mistakes(GetParam().text), HasSubstr(GetParam().message)); }

INSTANTIATE_TEST_SUITE_P(
    All, BadConfig,
    testing::Values(
        BadValue{"server: {port: -1}", "server.port: expected an integer 0..65535, got \"-1\""},
        BadValue{"server: {port: 80.0}", "expected an integer"}, BadValue{"server: {port: [80]}", "got a list"},
        BadValue{"server: {port: }", "got nothing"}, BadValue{"server: 5000", "server: expected a block of keys"},
        BadValue{"server: {ip: localhost}", "expected an IPv4 or IPv6 address"},
        BadValue{"server: {ip: }", "expected a text, got nothing"},
        BadValue{"server: {base_path: berth}", "expected \"\" or a path"},
        BadValue{"server: {base_path: /berth/}", "expected \"\" or a path"},
        BadValue{"server: {base_path: //berth}", "expected \"\" or a path"},
        BadValue{"server: {base_path: '/{x}'}", "expected \"\" or a path"},
        BadValue{"limits: {max_body_bytes: 64mb}", "expected a size such as 64MiB"},
        BadValue{"limits: {header_timeout: 10}", "expected a duration such as 10s or 250ms"},
        BadValue{"limits: {header_timeout: 0}", "1ms..1d, got \"0\""},
        BadValue{"deepaas: {v1: yes}", "deepaas.v1: expected true or false, got \"yes\""},
        BadValue{"fetch: {allow: 10.0.0.0/8}", "expected a list of texts"},
        BadValue{"fetch: {allow: [[a]]}", "expected a list of texts"},
        BadValue{"server: {plugins_dirs: here}", "server.plugins_dirs: expected a list of texts"},
        BadValue{"models: [digits]", "models: expected a block of keys, got a list"},
        BadValue{"models: {digits: 2}", "models.digits: expected a block"},
        BadValue{"defaults: {restart_delay_min: 10s, restart_delay_max: 1s}", "restart_delay_max"},
        BadValue{"models: {digits: {restart_delay_min: 1h}}", "models.digits.restart_delay_max"},
        BadValue{"quotas: {anonymous: {concurrent: -1}}", "quotas.anonymous.concurrent: expected an integer"},
        BadValue{"quotas: {roles: {root: {}}}", "quotas.roles.root: unknown key"},
        BadValue{"quotas: {roles: {user: {request_per_day: 1}}}", "did you mean requests_per_day?"},
        BadValue{"log: {level: info}\nlog: {level: debug}", "berth.yaml:2: log: this key is there twice"},
        BadValue{"server: {port: 1, port: 2}", "server.port: this key is there twice"},
        BadValue{"<<: {a: b}", "unknown key"}, BadValue{"? [a]\n: b", "unknown key"},
        BadValue{"server: {port: 80", "berth.yaml:1: not YAML"}, BadValue{"a: b\n---\nc: d", "berth.yaml:3"},
        BadValue{"just a text", "expected keys with values"}, BadValue{"- a", "expected keys with values"}));

TEST(Config, OpensTheTabularApiForAModelAlone) {
  const auto config = parsed("tabular: {enabled: true, model: heart_failure, registration: open}\n");
  EXPECT_TRUE(config.tabular.enabled);
  EXPECT_EQ(config.tabular.model, "heart_failure");
  EXPECT_EQ(config.tabular.registration, Registration::open);
  EXPECT_EQ(parsed("tabular: {enabled: true, model: m}\n").tabular.registration, Registration::closed);
  EXPECT_THAT(mistakes("tabular: {enabled: true}\n"),
              HasSubstr("tabular.model: the name of the model that answers /predict"));
}

TEST(Config, TakesFoldersOfAFileFromThatFilesFolder) {
  const test::TempFolder folder;
  const auto file = folder / "berth.yaml";
  std::ofstream(file) << "server: {models_dir: ../models, plugins_dirs: [plugins, /opt/plugins]}\n";
  const auto config = load(file);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->server.models_dir, std::filesystem::path(folder / "..").lexically_normal() / "models");
  EXPECT_THAT(config->server.plugins_dirs, ElementsAre(folder / "plugins", "/opt/plugins"));
  EXPECT_EQ(config->server.scratch_dir, "");
}

TEST(Config, TakesAFileOfNoBytes) {
  const test::TempFolder folder;
  std::ofstream(folder / "berth.yaml").flush();
  const auto config = load(folder / "berth.yaml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(*config, Config{});
}

TEST(Config, SaysThatAFileCannotBeRead) {
  const test::TempFolder folder;
  EXPECT_EQ(load(folder / "none.yaml").error().code, Code::not_found);
  EXPECT_EQ(load(folder / ".").error().code, Code::not_found);
}

TEST(Config, ChecksValuesOfTheCommandLineWithTheSameWords) {
  EXPECT_TRUE(check_ip("::", "--listen-ip"));
  EXPECT_EQ(check_ip("x", "--listen-ip").error().message, "--listen-ip: expected an IPv4 or IPv6 address, got \"x\"");
  EXPECT_TRUE(check_base_path("/a", "--base-path"));
  EXPECT_FALSE(check_base_path("a", "--base-path"));
}

}  // namespace
}  // namespace berth::config
