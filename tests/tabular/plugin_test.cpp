// SPDX-License-Identifier: Apache-2.0
// The tabular classifier as a host sees it: a library with a C table, opened in this process.
#include <berth/berth.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <limits>
#include <optional>

#include "sdk/recording_host.h"
#include "support/temp_folder.h"
#include "vision/package_folder.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

const std::filesystem::path kHeartFailure = std::filesystem::path(BERTH_MODELS_DIR) / "heart_failure";
constexpr const char* kTable = "heart_failure_clinical_records.csv";
constexpr const char* kRow =
    R"({"age":75,"creatinine_phosphokinase":582,"ejection_fraction":20,"platelets":265000,"serum_creatinine":1.9,
        "serum_sodium":130,"sex":"1","high_blood_pressure":true,"unknown":"ignored"})";

// Never closed: a library that uses LibTorch cannot be unloaded.
const berth_model_type& model_type() {
  static void* const library = dlopen(BERTH_TABULAR_CLASSIFIER, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  return *static_cast<const berth_plugin*>(dlsym(library, BERTH_ENTRY_SYMBOL))->models[0];
}

// A model made from a package's folder.
class Model {
 public:
  explicit Model(const std::filesystem::path& folder, std::string new_package = {}, std::string data = {})
      : package_(vision::test::package_from(folder)), path_(folder.string()), config_(package_.config().dump()) {
    raw_ = {sizeof raw_, detail::to_abi(package_.name()), detail::to_abi(package_.version()), detail::to_abi(path_),
            detail::to_abi(config_)};
    loaded_.emplace(model_type(), &raw_, std::move(new_package), std::move(data));
    if (!loaded_->made()) throw std::runtime_error(loaded_->created.body);
  }

  Json metadata() {
    Outcome outcome;
    loaded_->ask(model_type().get_metadata, outcome);
    return outcome.json();
  }
  // The answer, or {"status":…,"message":…}.
  Json predict(std::string args) {
    Outcome outcome;
    loaded_->predict(outcome, std::move(args));
    return answer_of(outcome);
  }
  Json train(Json args) {
    const Json defaults = {{"target", "DEATH_EVENT"}, {"model", "logistic"},
                           {"hidden", {16}},          {"epochs", 200},
                           {"patience", 20},          {"learning_rate", 0.01},
                           {"weight_decay", 0.01},    {"batch_size", 32},
                           {"validation_split", 0.2}, {"folds", 5},
                           {"imputation", "median"},  {"seed", 1}};
    Json all = defaults;
    all.update(args);
    Outcome outcome;
    loaded_->train(outcome, all.dump());
    return answer_of(outcome);
  }
  Loaded& loaded() { return *loaded_; }

  static Json answer_of(const Outcome& outcome) {
    if (outcome.kind == "json") return outcome.json();
    return {{"status", outcome.status}, {"message", outcome.body}};
  }

 private:
  Package package_;
  std::string path_;
  std::string config_;
  berth_package raw_{};
  std::optional<Loaded> loaded_;
};

Model heart_failure() { return Model(kHeartFailure / "1"); }

// A call with one FP32 tensor.
Outcome& infer(Model& model, std::vector<std::int64_t> shape, const std::vector<float>& values, Outcome& outcome) {
  const berth_tensor tensor{sizeof tensor, BERTH_FP32,    detail::to_abi("features"),   shape.data(),
                            shape.size(),  values.data(), values.size() * sizeof(float)};
  const berth_tensor* tensors[] = {&tensor};
  berth_args args{};
  args.size = sizeof args;
  args.tensors = tensors;
  args.tensor_count = 1;
  model_type().predict_data(model.loaded().model(), &args, outcome.result());
  return outcome;
}

TEST(TabularClassifier, ShipsAModelOfTheEightFeaturesWithItsMeasure) {
  const auto metadata = heart_failure().metadata();
  EXPECT_EQ(metadata.at("name"), "heart_failure");
  EXPECT_GE(metadata.at("auc").get<double>(), 0.75);
  EXPECT_EQ(metadata.at("measured_by"), "5-fold cross-validation");
  EXPECT_THAT(metadata.at("data").get<std::string>(), HasSubstr("UCI"));
  EXPECT_EQ(metadata.at("data_license"), "CC BY 4.0");
}

TEST(TabularClassifier, AnswersARowWithProbabilityAndLabel) {
  const auto answer = heart_failure().predict(kRow);
  EXPECT_GT(answer.at("probability").get<double>(), 0.5) << answer;
  EXPECT_EQ(answer.at("label"), 1);
}

TEST(TabularClassifier, AnswersManyRowsAsItAnswersEach) {
  auto model = heart_failure();
  const auto healthy = R"({"age":45,"ejection_fraction":60,"serum_creatinine":0.8,"sex":false})";
  const auto many = model.predict(R"({"rows":[)" + std::string(kRow) + "," + healthy + "]}");
  ASSERT_EQ(many.at("predictions").size(), 2U);
  EXPECT_EQ(many["predictions"][0], model.predict(kRow));
  EXPECT_EQ(many["predictions"][1], model.predict(healthy));
  EXPECT_EQ(many["predictions"][1]["label"], 0);
  EXPECT_EQ(model.predict(R"({"rows":[]})").at("predictions").size(), 0U);
}

TEST(TabularClassifier, FillsWhatIsMissingAsThePackageSays) {
  auto model = heart_failure();
  const auto config = vision::test::package_from(kHeartFailure / "1").config();
  const auto filled = Json{{"age", config["imputation"]["age"]}, {"platelets", nullptr}};
  EXPECT_EQ(model.predict("{}"), model.predict(filled.dump()));
}

TEST(TabularClassifier, NamesTheFeatureThatItCannotUse) {
  auto model = heart_failure();
  const auto bad = model.predict(R"({"age":"old"})");
  EXPECT_EQ(bad.at("status"), 400);
  EXPECT_EQ(bad.at("message"), "age: 'old' is no number");
  EXPECT_EQ(model.predict(R"({"rows":[{},{"sex":2}]})").at("message"), "rows[1]: sex: '2' is neither true nor false");
  EXPECT_THAT(model.predict(R"({"rows":[{}],"age":1})").at("message").get<std::string>(), HasSubstr("age"));
}

TEST(TabularClassifier, NamesWhatIsMissingWhereNothingFillsIt) {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "m");
  std::filesystem::copy(kHeartFailure / "1", folder / "m/1", std::filesystem::copy_options::recursive);
  folder.write("m/1/model.yaml", "plugin: tabular_classifier\nimputation: {age: 60}\n");
  const auto answer = Model(folder / "m/1").predict(R"({"age":null})");
  EXPECT_EQ(answer.at("status"), 400);
  EXPECT_THAT(answer.at("message").get<std::string>(), HasSubstr("creatinine_phosphokinase is missing"));
}

TEST(TabularClassifier, AnswersTensorsWithOne) {
  auto model = heart_failure();
  constexpr auto kMissing = std::numeric_limits<float>::quiet_NaN();
  Outcome outcome;
  infer(model, {2, 8}, {75, 582, 20, 265000, 1.9F, 130, 1, 1, kMissing, 582, 20, 265000, 1.9F, 130, 1, 1}, outcome);
  ASSERT_EQ(outcome.kind, "tensor") << outcome.body;
  float probabilities[2] = {};
  ASSERT_EQ(outcome.body.size(), sizeof probabilities);
  std::memcpy(probabilities, outcome.body.data(), sizeof probabilities);
  EXPECT_NEAR(probabilities[0], model.predict(kRow).at("probability").get<double>(), 1e-5);
  EXPECT_GT(probabilities[0], probabilities[1]);
  Outcome refused;
  infer(model, {1, 8}, {75, 582, 20, 265000, 1.9F, 130, 0.5F, 1}, refused);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("sex"));
}

class TabularTraining : public testing::Test {
 protected:
  TabularTraining() { std::filesystem::create_directories(folder_ / "new"); }
  Model untrained() { return Model(kHeartFailure / "untrained", folder_ / "new", kHeartFailure.string()); }

  TempFolder folder_;
};

TEST_F(TabularTraining, MakesAVersionThatServesOfOneThatCannot) {
  auto model = untrained();
  EXPECT_EQ(model.predict("{}").at("status"), 503);
  const auto result = model.train({{"data", kTable}});
  ASSERT_TRUE(result.contains("auc")) << result;
  EXPECT_GE(result["auc"].get<double>(), 0.75) << result;  // the bar; this seed has 0.7526
  EXPECT_EQ(result["rows"], 299);
  EXPECT_FALSE(model.loaded().host.progress.empty());
  std::filesystem::rename(folder_ / "new", folder_ / "2");
  Model trained(folder_ / "2");
  EXPECT_EQ(trained.metadata().at("auc"), result["auc"]);
  EXPECT_EQ(trained.metadata().at("data_license"), "CC BY 4.0");
  EXPECT_EQ(trained.predict(kRow).at("label"), 1);
}

TEST_F(TabularTraining, NamesWhereATableIsWrong) {
  folder_.write("data/bad.csv", "age,DEATH_EVENT\n1,0\n");
  Model model(kHeartFailure / "untrained", folder_ / "new", folder_ / "data");
  EXPECT_EQ(model.train({{"data", "bad.csv"}}).at("message"),
            "bad.csv: line 1: there is no column 'creatinine_phosphokinase'");
  EXPECT_EQ(model.train({{"data", "../secret.csv"}}).at("status"), 400);
  EXPECT_EQ(model.train(Json::object()).at("status"), 400);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "new"));
}

TEST_F(TabularTraining, WritesNothingWhereItIsStopped) {
  auto model = untrained();
  model.loaded().host.stop = true;
  EXPECT_EQ(model.train({{"data", kTable}}), (Json{{"stopped", true}}));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "new"));
}

}  // namespace
}  // namespace berth::test
