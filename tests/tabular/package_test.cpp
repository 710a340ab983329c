// SPDX-License-Identifier: Apache-2.0
// What a package says, and what a training writes.
#include <gmock/gmock.h>

#include "support/temp_folder.h"
#include "tabular_classifier/package_config.h"
#include "tabular_classifier/package_writer.h"
#include "vision/package_folder.h"

namespace berth::tabular {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using vision::test::package_from;

constexpr const char* kSchemaText =
    R"({"input_schema":{"columns":[{"name":"age","type":"numeric"},{"name":"sex","type":"boolean"}]}})";

class TablePackage : public testing::Test {
 protected:
  PackageConfig read(const std::string& yaml) {
    folder_.write("m/1/input_schema.json", kSchemaText);
    folder_.write("m/1/model.yaml", "plugin: tabular_classifier\n" + yaml);
    return read_package_config(package_from(folder_ / "m/1"));
  }
  auto reading(const std::string& yaml) {
    return [this, yaml] { read(yaml); };
  }

  test::TempFolder folder_;
};

TEST_F(TablePackage, HasDefaults) {
  const auto config = read("");
  EXPECT_EQ(config.schema.size(), 2U);
  EXPECT_TRUE(config.model.empty());
  EXPECT_FALSE(config.gives_logits);
  EXPECT_EQ(config.threshold, 0.5);
  EXPECT_FALSE(config.preparation[0].fill);
  EXPECT_EQ(config.metadata.name, "m");
  folder_.write("m/1/model.pt", "");
  EXPECT_EQ(read("").model.filename(), "model.pt");
}

TEST_F(TablePackage, SaysWhatIsWrong) {
  const auto says = [](const char* what) { return ThrowsMessage<std::runtime_error>(HasSubstr(what)); };
  EXPECT_THAT(reading("modle: x\n"), says("modle is not a key"));
  EXPECT_THAT(reading("model: x.pt\n"), says("x.pt"));
  EXPECT_THAT(reading("output: class\n"), says("output has to be probability or logit"));
  EXPECT_THAT(reading("threshold: 2\n"), says("threshold has to be from 0 to 1"));
  EXPECT_THAT(reading("imputation: {weight: 1}\n"), says("imputation.weight: the input schema has no such column"));
  EXPECT_THAT(reading("imputation: {age: old}\n"), says("imputation.age has to be a number"));
  EXPECT_THAT(reading("standardisation: {age: {std: 0}}\n"), says("standardisation.age.std has to be more than 0"));
  EXPECT_THAT(reading("standardisation: {age: {var: 1}}\n"), says("standardisation.age.var is not a key"));
}

TEST_F(TablePackage, ThatATrainingWritesIsReadAsItWasMeant) {
  std::filesystem::create_directories(folder_ / "m/2");
  const Json before = {{"plugin", "tabular_classifier"},
                       {"metadata", {{"name", "yes"}, {"description", "a: \"quoted\"\nline # \u00e4"}}},
                       {"threshold", 0.25},
                       {"serving", {{"workers", 2}}}};
  const Schema schema = {{"age", ColumnType::numeric}, {"on: off", ColumnType::boolean}};
  const Preparation preparation = {{.fill = 61.5, .mean = 60, .deviation = 0.1}, {.mean = 0.25, .deviation = 2}};
  const Dataset dataset{2, {50, 1, 70, 0}, {0, 1}};
  const std::vector<double> probabilities = {0.125, 0.75};
  write_package(folder_ / "m/2", before, schema, preparation, "died", {{"auc", 0.77}, {"folds", {1, 2}}},
                self_test_of(dataset, schema, probabilities, 0.25));
  folder_.write("m/2/model.pt", "");

  const auto package = package_from(folder_ / "m/2");
  const auto config = read_package_config(package);
  EXPECT_EQ(config.target, "died");
  EXPECT_EQ(config.threshold, 0.25);
  EXPECT_EQ(config.schema[1].name, "on: off");
  EXPECT_EQ(config.preparation[0].fill, 61.5);
  EXPECT_EQ(config.preparation[0].deviation, 0.1);
  EXPECT_FALSE(config.preparation[1].fill);
  EXPECT_EQ(config.metadata.extra["description"], before["metadata"]["description"]);
  EXPECT_EQ(config.metadata.extra["name"], "yes");
  EXPECT_EQ(config.metadata.extra["auc"], 0.77);
  EXPECT_EQ(package.config()["serving"]["workers"], 2);
  const auto& cases = package.config()["self_test"];
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0]["args"]["age"], 70);
  EXPECT_EQ(cases[0]["args"]["on: off"], false);
  EXPECT_EQ(cases[0]["expect"]["label"], 1);
  EXPECT_EQ(cases[1]["expect"]["probability"], 0.125);
}

}  // namespace
}  // namespace berth::tabular
