// SPDX-License-Identifier: Apache-2.0
// Good plugins pass, and each bad one fails the check that is named after what it breaks.
#include "sdk/testing/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "support/temp_folder.h"

namespace berth::conformance {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const std::filesystem::path kFakes = BERTH_FAKES_DIR;

Report check(const std::filesystem::path& library, const std::filesystem::path& package = {}) {
  Options options;
  options.package = package;
  options.worker_program = BERTH_WORKER;
  return check_plugin(library, options);
}

std::vector<std::string> failed(const Report& report) {
  std::vector<std::string> names;
  for (const auto& check : report.checks) {
    if (!check.passed && !check.skipped) names.push_back(check.name);
  }
  return names;
}
std::string message_of(const Report& report, const std::string& name) {
  for (const auto& check : report.checks) {
    if (check.name == name) return check.message;
  }
  return "no such check";
}
Check check_of(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.checks, name, &Check::name);
  return found == report.checks.end() ? Check{} : *found;
}
std::vector<std::string> names(const Report& report) {
  std::vector<std::string> names;
  for (const auto& check : report.checks) names.push_back(check.name);
  return names;
}

class GoodPlugins : public testing::TestWithParam<std::string> {};
TEST_P(GoodPlugins, Pass) {
  const auto path =
      GetParam() == "greeter" ? std::filesystem::path(BERTH_PLUGINS_DIR) / "greeter.so" : kFakes / (GetParam() + ".so");
  if (GetParam() == "libcxx" && !std::filesystem::exists(path)) GTEST_SKIP() << "there is no clang with libc++ here";
  const auto report = check(path);
  EXPECT_TRUE(report.passed());
  EXPECT_THAT(failed(report), IsEmpty()) << message_of(report, failed(report).empty() ? "" : failed(report).front());
}
INSTANTIATE_TEST_SUITE_P(Fakes, GoodPlugins,
                         testing::Values("greeter", "echo", "probe_v2", "deepaas_test", "v1demo", "batcher",
                                         "functions", "two_models", "fetcher", "c_plugin", "older_c_plugin", "cpp17",
                                         "libcxx", "noisy"),
                         [](const auto& tested) { return tested.param; });

TEST(Conformance, ChecksEveryModelOfALibrary) {
  const auto report = check(kFakes / "two_models.so");
  EXPECT_THAT(names(report), Contains("upper_case.answer"));
  EXPECT_THAT(names(report), Contains("url-counter.url_answer"));
}

TEST(Conformance, EachMisfitFailsWhatItBreaksAndNothingElse) {
  Options options;
  options.worker_program = BERTH_WORKER;
  options.train_time = std::chrono::seconds(1);
  options.stop_time = std::chrono::seconds(2);
  const auto report = check_plugin(kFakes / "misfits.so", options);
  EXPECT_THAT(failed(report), testing::UnorderedElementsAre(
                                  "nameless.load", "bad_default.arguments", "bad_json.answer", "fickle.repeatable",
                                  "bad_batch.batch", "short_batch.batch", "failing.answer", "fragile.bad_input",
                                  "dying.bad_input", "dying.alive", "fickle_url.url_repeatable", "hasty.bad_input",
                                  "bad_training.train", "deaf.train_stop", "contrary.answer"));
  EXPECT_THAT(message_of(report, "hasty.bad_input"), testing::HasSubstr(R"({"word":""})"));
  EXPECT_TRUE(check_of(report, "patient.train_stop").passed);
  EXPECT_TRUE(check_of(report, "patient.train").passed);
  EXPECT_TRUE(check_of(report, "choosy.train").skipped) << "what an argument has no default for was made up";
  EXPECT_TRUE(check_of(report, "bad_training.train_stop").skipped) << "it had ended";
  EXPECT_NE(message_of(report, "nameless.load").find("name"), std::string::npos) << message_of(report, "nameless.load");
}

TEST(Conformance, AModelThatRefusesEverythingPassesNothing) {
  Options options;
  options.worker_program = BERTH_WORKER;
  options.train_time = options.stop_time = std::chrono::seconds(0);
  const auto made_up = check_plugin(kFakes / "misfits.so", options);
  for (const std::string check : {"answer", "url_answer"}) {
    EXPECT_TRUE(check_of(made_up, "refusing." + check).skipped);
    EXPECT_THAT(message_of(made_up, "refusing." + check), testing::HasSubstr("give --file"));
  }
  const test::TempFolder folder;
  options.files = {folder.write("photo.png", "what the author gives")};
  const auto given = check_plugin(kFakes / "misfits.so", options);
  EXPECT_THAT(failed(given), testing::IsSupersetOf({"refusing.answer", "refusing.url_answer"}));
  for (const std::string check : {"repeatable", "url_repeatable", "batch"}) {
    EXPECT_TRUE(check_of(made_up, "refusing." + check).skipped) << check;
    EXPECT_TRUE(check_of(given, "refusing." + check).skipped) << check;
  }
}

TEST(Conformance, EveryFileIsChecked) {
  const test::TempFolder folder;
  Options options;
  options.worker_program = BERTH_WORKER;
  options.train_time = options.stop_time = std::chrono::seconds(0);
  options.files = {folder.write("good.png", "\x89PNG"), folder.write("bad.png", "no PNG")};
  const auto report = check_plugin(kFakes / "misfits.so", options);
  EXPECT_THAT(message_of(report, "fragile.answer"), testing::HasSubstr("bad.png: "));

  options.files = {folder / "nowhere.png"};
  EXPECT_THAT(failed(check_plugin(kFakes / "misfits.so", options)), ElementsAre("samples"));
}

TEST(Conformance, ALibraryThatIsNoPluginFailsAtOnce) {
  const auto wrong = check(kFakes / "wrong_abi.so");
  EXPECT_THAT(failed(wrong), ElementsAre("library"));
  EXPECT_NE(message_of(wrong, "library").find("999"), std::string::npos) << message_of(wrong, "library");
  EXPECT_FALSE(std::filesystem::exists(kFakes / "wrong_abi.ran")) << "code of a refused plugin ran";
  EXPECT_THAT(failed(check(kFakes / "no_entry.so")), ElementsAre("library"));
  EXPECT_THAT(failed(check(kFakes / "absent.so")), ElementsAre("library"));
}

TEST(Conformance, AModelThatCannotBeMadeFailsToLoadWithItsReason) {
  const auto refused = check(kFakes / "fails_on_create.so");
  EXPECT_THAT(failed(refused), ElementsAre("fails_on_create.load"));
  EXPECT_NE(message_of(refused, "fails_on_create.load").find("the weights are missing"), std::string::npos);
  EXPECT_THAT(failed(check(kFakes / "dies_on_create.so")), ElementsAre("dies_on_create.load"));
}

TEST(Conformance, AReservedArgumentNameFailsToLoadAndSaysSo) {
  const auto report = check(kFakes / "bad_args.so");
  EXPECT_THAT(failed(report), ElementsAre("bad_args.load"));
  EXPECT_NE(message_of(report, "bad_args.load").find("'files' is reserved"), std::string::npos)
      << message_of(report, "bad_args.load");
}

TEST(Conformance, APluginThatNeedsAPackageIsCheckedWithOne) {
  const auto without = check(kFakes / "packaged.so");
  EXPECT_FALSE(without.passed());
  std::string pattern = (std::filesystem::temp_directory_path() / "berth-conformance-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(pattern.data());
  std::filesystem::create_directories(folder / "labelled" / "2");
  std::ofstream(folder / "labelled" / "2" / "model.yaml") << "plugin: packaged\nlabels: labels.txt\n";
  std::ofstream(folder / "labelled" / "2" / "labels.txt") << "a\nb\n";
  const auto with = check(kFakes / "packaged.so", folder / "labelled" / "2");
  EXPECT_TRUE(with.passed());
  EXPECT_THAT(failed(with), IsEmpty()) << message_of(with, "labelled.load");
  EXPECT_THAT(names(with), Contains("labelled.answer"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace berth::conformance
