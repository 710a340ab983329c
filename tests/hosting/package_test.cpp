// SPDX-License-Identifier: Apache-2.0
#include "hosting/package.h"

#include <gmock/gmock.h>

#include <sstream>

#include "config/config.h"
#include "support/temp_folder.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

std::string json_of(std::string_view yaml) {
  const auto json = yaml_to_json(yaml);
  return json ? *json : json.error().message;
}

TEST(YamlToJson, GivesPlainScalarsTheirTypes) {
  EXPECT_EQ(json_of("{a: 1, b: -2, c: 1.5, d: true, e: null, f: ~, g: text, h: 1e3}"),
            R"({"a":1,"b":-2,"c":1.5,"d":true,"e":null,"f":null,"g":"text","h":1000.0})");
  EXPECT_EQ(json_of("{a: '1', b: \"true\", c: 1.2.3, d: 2020-01-01, e: no, f: 0x10}"),
            R"({"a":"1","b":"true","c":"1.2.3","d":"2020-01-01","e":"no","f":"0x10"})");
  EXPECT_EQ(json_of("mean: [0.485, 0.456]\nnested:\n  - {x: [1]}\n"), R"({"mean":[0.485,0.456],"nested":[{"x":[1]}]})");
}

TEST(YamlToJson, RefusesWhatJsonCannotHold) {
  EXPECT_THAT(json_of("a: .nan"), HasSubstr("line 1"));
  EXPECT_THAT(json_of("a: 1\na: 2"), HasSubstr("appears twice"));
  EXPECT_THAT(json_of("a: [1"), HasSubstr("line"));
  EXPECT_THAT(json_of("{[1, 2]: 3}"), HasSubstr("a key must be a text"));
  EXPECT_THAT(json_of(std::string(100, '[') + std::string(100, ']')), HasSubstr("nested too deeply"));
}

TEST(YamlToJson, RefusesAliasesThatMultiply) {
  std::ostringstream yaml;
  yaml << "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    yaml << "a" << i << ": &a" << i << " [";
    for (int j = 0; j < 10; ++j) yaml << (j == 0 ? "" : ", ") << "*a" << i - 1;
    yaml << "]\n";
  }
  EXPECT_THAT(json_of(yaml.str()), HasSubstr("becomes too large"));
}

TEST(Package, LowersItsLimitsAndRaisesNone) {
  const test::TempFolder folder;
  folder.write("model.yaml",
               "plugin: p\nserving: {max_memory_bytes: 64MiB, max_cpu_per_call: 20h, max_threads: 100000, "
               "max_open_files: 200, max_scratch_bytes: 63GiB}\n");
  ServingOptions serving;
  const auto before = serving.limits;
  ASSERT_TRUE(read_package(folder.path(), serving));
  EXPECT_EQ(serving.limits.memory_bytes, 64UL << 20);
  EXPECT_EQ(serving.limits.cpu_per_call, before.cpu_per_call);
  EXPECT_EQ(serving.limits.threads, before.threads);
  EXPECT_EQ(serving.limits.open_files, 200U);
  EXPECT_EQ(serving.limits.scratch_bytes, before.scratch_bytes);
  for (const auto* door : {"network: true", "processes: true", "confinement: \"off\"", "allow_read: [/]"}) {
    folder.write("model.yaml", std::string("plugin: p\nserving: {") + door + "}\n");
    EXPECT_FALSE(read_package(folder.path(), serving)) << door;
  }
}

TEST(Package, OverridesTheServingOptionsThatItNames) {
  const test::TempFolder folder;
  folder.write(
      "model.yaml",
      "plugin: p\ntype: t\nserving: {workers: 3, call_timeout: 1500ms, queue_timeout: 2min, max_batch_delay: 0, "
      "max_input_bytes: 3MiB, max_output_bytes: 5000, spin_us: 20}\n");
  ServingOptions serving;
  serving.max_queue = 5;
  const auto package = read_package(folder.path(), serving);
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_EQ(package->plugin, "p");
  EXPECT_EQ(package->type, "t");
  EXPECT_EQ(serving.workers, 3U);
  EXPECT_EQ(serving.call_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(serving.queue_timeout, std::chrono::minutes(2));
  EXPECT_EQ(serving.max_batch_delay, std::chrono::milliseconds(0));
  EXPECT_EQ(serving.max_input_bytes, 3U << 20);
  EXPECT_EQ(serving.max_output_bytes, 5000U);
  EXPECT_EQ(serving.spin, std::chrono::microseconds(20));
  EXPECT_EQ(serving.max_queue, 5U);
}

TEST(Package, NamesTheKeyThatIsWrong) {
  const auto refusal = [](const std::string& yaml) {
    const test::TempFolder folder;
    folder.write("model.yaml", yaml);
    ServingOptions serving;
    const auto package = read_package(folder.path(), serving);
    return package ? "fine" : package.error().message;
  };
  EXPECT_THAT(refusal("plugin: p\nserving: {wrokers: 3}\n"), HasSubstr("no key `wrokers`"));
  EXPECT_THAT(refusal("plugin: p\nserving: {workers: 0}\n"), HasSubstr("serving.workers"));
  EXPECT_THAT(refusal("plugin: p\nserving: {max_queue: -1}\n"), HasSubstr("serving.max_queue"));
  EXPECT_THAT(refusal("plugin: p\nserving: {call_timeout: 10}\n"), HasSubstr("a duration such as 10s"));
  EXPECT_THAT(refusal("plugin: p\nserving: {call_timeout: 10 days}\n"), HasSubstr("serving.call_timeout"));
  EXPECT_THAT(refusal("plugin: p\nserving: {max_input_bytes: 99999999999GiB}\n"), HasSubstr("a size such as"));
  EXPECT_THAT(refusal("plugin: [p]\n"), HasSubstr("`plugin` must be a text"));
  EXPECT_THAT(refusal("name: x\n"), HasSubstr("which plugin"));
  EXPECT_THAT(refusal("- 1\n"), HasSubstr("mapping"));
}

// Whether berth.yaml, and a package, take `entry` among what is served how.
bool config_takes(const std::string& entry) {
  return config::parse("defaults: {" + entry + "}\n", "berth.yaml").has_value();
}
bool package_takes(const std::string& entry) {
  const test::TempFolder folder;
  folder.write("model.yaml", "plugin: p\nserving: {" + entry + "}\n");
  ServingOptions serving;
  return read_package(folder.path(), serving).has_value();
}

TEST(Package, MayTakeNoMoreThanItsOperatorCouldGive) {
  const std::string durations[] = {"max_batch_delay", "call_timeout", "queue_timeout", "load_timeout",
                                   "restart_delay_max"};
  std::vector<std::pair<std::string, std::string>> highest{{"workers: 256", "workers: 257"},
                                                           {"threads_per_worker: 1024", "threads_per_worker: 1025"},
                                                           {"max_queue: 1000000", "max_queue: 1000001"},
                                                           {"max_batch: 4096", "max_batch: 4097"},
                                                           {"spin_us: 1000", "spin_us: 1001"},
                                                           {"max_input_bytes: 64GiB", "max_input_bytes: 65GiB"},
                                                           {"max_output_bytes: 64GiB", "max_output_bytes: 65GiB"}};
  for (const auto& key : durations) highest.emplace_back(key + ": 24h", key + ": 86400001ms");
  for (const auto& [fits, exceeds] : highest) {
    EXPECT_TRUE(config_takes(fits)) << fits;
    EXPECT_TRUE(package_takes(fits)) << fits;
    EXPECT_FALSE(config_takes(exceeds)) << exceeds;
    EXPECT_FALSE(package_takes(exceeds)) << exceeds;
  }
  EXPECT_FALSE(package_takes("workers: 1099511627776"));
  EXPECT_FALSE(package_takes("restart_delay_min: 86400001ms"));
}

TEST(Versions, AreOrderedByTheirNumbers) {
  const std::vector<std::string> ordered{"", "1", "2", "2.0", "2.1", "2.10", "2.10-rc1", "10", "2021a", "a", "b"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      EXPECT_EQ(version_less(ordered[i], ordered[j]), i < j) << ordered[i] << " " << ordered[j];
    }
  }
}

TEST(Names, AreSmallLettersDigitsAndAFewSigns) {
  for (const auto* good : {"a", "0", "resnet18", "a.b_c-d", "1.0"}) EXPECT_TRUE(is_good_name(good)) << good;
  for (const auto* bad : {"", "A", "-a", ".", "..", "a/b", "a b", "é", "_x"}) EXPECT_FALSE(is_good_name(bad)) << bad;
  EXPECT_FALSE(is_good_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace berth::hosting
