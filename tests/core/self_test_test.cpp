// SPDX-License-Identifier: Apache-2.0
#include "core/self_test.h"

#include <gmock/gmock.h>

#include <optional>

#include "core/fake_hosting.h"
#include "support/temp_folder.h"

namespace berth::core {
namespace {

using testing::HasSubstr;

// A model whose package asks for a self-test, and that answers as it is told.
class SelfTests : public testing::Test {
 protected:
  // What the self-test says; "" = passed.
  std::string run(const std::string& cases, const std::string& answer = R"({"predictions":[{"label":"7","p":0.9}]})") {
    hosting::Description description;
    description.has_predict_data = true;
    description.test_args_json = R"([{"name":"top_k","type":"int","default":5,"min":1}])";
    hosting::Source source;
    source.name = "m";
    source.version = "1";
    source.package = folder_.path();
    source.config_json = "{\"self_test\":" + cases + "}";
    const auto model = std::make_shared<hosting::FakeModel>(
        source, description, [this, answer](hosting::Call call, hosting::OnOutcome on_outcome) {
          calls_.push_back(std::move(call));
          on_outcome({hosting::json_output(answer), {}, "1"});
        });
    std::optional<Result<>> told;
    run_self_test(model, [&](const Result<>& result) { told = result; });
    if (!told) return "NOT TOLD";
    return *told ? "" : told->error().message;
  }

  test::TempFolder folder_;
  std::vector<hosting::Call> calls_;
};

TEST_F(SelfTests, PassWithoutCasesAndCallNobody) {
  EXPECT_EQ(run("null"), "");
  EXPECT_EQ(run("[]"), "");
  EXPECT_TRUE(calls_.empty());
}

TEST_F(SelfTests, GiveTheModelTheFileAndTheArgumentsWithTheirDefaults) {
  folder_.write("cases/seven.png", "pixels");
  EXPECT_EQ(
      run(R"([{"file":"cases/seven.png","label":"7"},{"args":{"top_k":1},"expect":{"predictions":[{"p":0.9003}]}}])"),
      "");
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(calls_[0].files.at(0).bytes.view(), "pixels");
  EXPECT_EQ(calls_[0].files.at(0).file_name, "seven.png");
  EXPECT_EQ(calls_[0].args_json, R"({"top_k":5})");
  EXPECT_EQ(calls_[1].args_json, R"({"top_k":1})");
}

TEST_F(SelfTests, SayWhatDiffersAndGoNoFurther) {
  EXPECT_EQ(run(R"([{"name":"a seven","label":"8"},{"label":"7"}])"), R"(a seven: expected the label 8, got "7")");
  EXPECT_EQ(calls_.size(), 1U);
  EXPECT_EQ(run(R"([{"expect":{"predictions":[{"p":0.5}]}}])"),
            "self_test[0]: at /predictions/0/p: expected 0.5, got 0.9");
  EXPECT_EQ(run(R"([{"expect":{"predictions":[]}}])"),
            R"(self_test[0]: at /predictions: expected [], got [{"label":"7","p":0.9}])");
  EXPECT_EQ(run(R"([{"expect":{"other":1}}])"), "self_test[0]: at /other: it is missing");
  EXPECT_EQ(run(R"([{"label":"7"}])", "[1]"), "self_test[0]: its answer has no \"label\"");
}

TEST_F(SelfTests, NameTheCaseAndTheKeyThatAreWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({})", "self_test: expected a list of cases"},
      {R"([1])", "self_test[0]: expected a mapping"},
      {R"([{"label":"7"},{"args":{}}])", "self_test[1]: it needs `label` or `expect`"},
      {R"([{"lable":"7"}])", "self_test[0]: `lable` is no key"},
      {R"([{"file":"../secret","label":"7"}])", "self_test[0].file: expected a path in the package"},
      {R"([{"file":"/etc/passwd","label":"7"}])", "self_test[0].file: expected a path in the package"},
      {R"([{"file":"none.png","label":"7"}])", "self_test[0].file: cannot read none.png"},
      {R"([{"args":{"top_k":0},"label":"7"}])", "self_test[0].args: {\"top_k\":"},
      {R"([{"args":[],"label":"7"}])", "self_test[0].args: expected a mapping"},
  };
  for (const auto& [cases, message] : wrong) EXPECT_THAT(run(cases), HasSubstr(message)) << cases;
  EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace berth::core
