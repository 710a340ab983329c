// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "core/fake_hosting.h"

namespace berth::core {
namespace {

using testing::HasSubstr;

const identity::Principal kAdmin{.user_id = 1, .name = "admin", .role = identity::Role::admin};
const RecordNote kByAdmin{.caller = std::make_shared<const identity::Principal>(kAdmin)};

class ServiceTest : public testing::Test {
 protected:
  // A model that answers `answer` and keeps what it was called with.
  void add(hosting::Description description, Result<hosting::Output> answer, const std::string& name = "m") {
    registry_.add(std::make_shared<hosting::FakeModel>(
        name, std::move(description), [this, answer](hosting::Call call, hosting::OnOutcome on_outcome) {
          calls_.push_back(std::move(call));
          on_outcome({answer, {}, "1"});
        }));
  }
  hosting::Description predicts() {
    hosting::Description description;
    description.has_predict_data = true;
    return description;
  }
  Result<hosting::Output> predict(PredictRequest request = {}, const std::string& model = "m") {
    auto view = service_.choose(model, {}, kAdmin);
    if (!view) return tl::unexpected<Error>(view.error());
    request.model = std::move(*view);
    request.request_id = "r1";
    std::vector<Result<hosting::Output>> outputs;
    service_.predict(std::move(request), [&](hosting::Outcome&& o) { outputs.push_back(std::move(o.output)); });
    EXPECT_EQ(outputs.size(), 1U);
    return outputs.empty() ? failure(Code::internal, "no outcome") : outputs.front();
  }

  hosting::FakeRegistry registry_;
  training::Trainings trainings_{registry_, training::make_memory_journal(), {}};
  Service service_{registry_, trainings_};
  std::vector<hosting::Call> calls_;
};

TEST_F(ServiceTest, ChecksTheArgumentsBeforeTheModelIsCalled) {
  auto description = predicts();
  description.test_args_json = R"([{"name":"n","type":"int","default":3},{"name":"must","required":true}])";
  add(description, hosting::json_output("1"));
  const auto refused = predict();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields_json, R"({"must":["Missing data for required field."]})");
  EXPECT_TRUE(calls_.empty());

  PredictRequest request;
  request.args.values.emplace("must", std::vector<std::string>{"x"});
  request.files = {{"data", "a.png", "image/png", Bytes("x")}};
  ASSERT_TRUE(predict(std::move(request)));
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].args_json, R"({"n":3,"must":"x"})");
  EXPECT_EQ(calls_[0].request_id, "r1");
  EXPECT_EQ(calls_[0].files.at(0).file_name, "a.png");
}

TEST_F(ServiceTest, RefusesWhatTheModelDoesNotImplement) {
  add(predicts(), hosting::json_output("1"));
  PredictRequest request;
  request.method = hosting::Method::predict_url;
  const auto refused = predict(std::move(request));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_implemented);
  EXPECT_EQ(refused.error().message, "Not implemented by underlying model (loaded 'm')");
  EXPECT_EQ(service_.start_training(*service_.model("m"), {}, kByAdmin, "r").error().code, Code::not_implemented);
  EXPECT_EQ(predict({}, "x").error().code, Code::not_found);
}

TEST_F(ServiceTest, SendsNumbersThatAreNotFiniteAsNull) {
  add(predicts(), hosting::json_output(R"({"a":NaN,"b":[1.5,-Infinity]})"));
  EXPECT_EQ(predict()->body.view(), R"({"a":null,"b":[1.5,null]})");
}

TEST_F(ServiceTest, SaysInTheLogThatANumberWasNotFinite) {
  log::open(log::Level::info, log::Format::text);
  log::keep_recent(4096);
  add(predicts(), hosting::json_output("[NaN]"));
  EXPECT_EQ(predict()->body.view(), "[null]");
  EXPECT_THAT(log::recent(), HasSubstr("not finite"));
}

TEST_F(ServiceTest, ChecksWhatATrainingReturns) {
  auto description = predicts();
  description.has_train = true;
  add(description, hosting::json_output("1"));
  const auto not_finite = service_.start_training(*service_.model("m"), {}, kByAdmin, "r");
  ASSERT_TRUE(not_finite);
  registry_.runs.at(0)->finish(hosting::json_output(R"({"loss":NaN})"));
  EXPECT_EQ(service_.training("m", not_finite->uuid, kAdmin)->output.body.view(), R"({"loss":null})");

  const auto broken = service_.start_training(*service_.model("m"), {}, kByAdmin, "r");
  ASSERT_TRUE(broken);
  registry_.runs.at(1)->finish(hosting::json_output("{"));
  EXPECT_EQ(service_.training("m", broken->uuid, kAdmin)->status, training::Status::error);
}

TEST_F(ServiceTest, AnAnswerWithManyValuesIsCheckedLikeAnyOther) {
  std::string many = "[NaN";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  add(predicts(), hosting::json_output(many + "]"));
  const auto output = predict();
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_TRUE(output->body.view().starts_with("[null,0,"));
}

TEST_F(ServiceTest, AnAnswerThatIsNestedTooDeeplyIsAnInternalError) {
  add(predicts(), hosting::json_output(std::string(65, '[') + std::string(65, ']')), "deep");
  add(predicts(), hosting::json_output(std::string(64, '[') + std::string(64, ']')), "just");
  EXPECT_THAT(predict({}, "deep").error().message, HasSubstr("nested too deeply"));
  EXPECT_TRUE(predict({}, "just"));
}

TEST_F(ServiceTest, AnAnswerThatIsNoJsonIsAnInternalError) {
  add(predicts(), hosting::json_output("{\"a\":"));
  EXPECT_EQ(predict().error().code, Code::internal);
}

TEST_F(ServiceTest, NamesTheFieldThatBreaksTheResponseSchema) {
  auto description = predicts();
  description.response_schema_json =
      R"({"type":"object","required":["label"],"properties":{"label":{"type":"string"},
          "scores":{"type":"array","items":{"type":"number"}}}})";
  add(description, hosting::json_output(R"({"label":"a","scores":[1,"x"]})"), "wrong_type");
  add(description, hosting::json_output(R"({"scores":[1]})"), "lacking");
  add(description, hosting::json_output(R"({"label":"a","scores":[1]})"), "right");
  EXPECT_EQ(predict({}, "wrong_type").error().code, Code::internal);
  EXPECT_THAT(predict({}, "wrong_type").error().message, HasSubstr("'/scores/1' breaks 'type'"));
  EXPECT_THAT(predict({}, "lacking").error().message, HasSubstr("'/label' breaks 'required'"));
  EXPECT_TRUE(predict({}, "right"));
}

TEST_F(ServiceTest, AModelWithUnusableDeclarationsIsUnavailableAndOthersAreNot) {
  auto bad = predicts();
  bad.test_args_json = R"([{"name":"files"}])";
  add(bad, hosting::json_output("1"), "bad");
  add(predicts(), hosting::json_output("1"), "good");
  const auto view = service_.model("bad");
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, Code::unavailable);
  EXPECT_THAT(view.error().message, HasSubstr("'files' and 'urls'"));
  ASSERT_EQ(service_.models().size(), 1U);
  EXPECT_EQ(service_.models()[0].name, "good");
  ASSERT_EQ(service_.listings().size(), 2U);
  EXPECT_EQ(service_.listings()[0].status.state, hosting::State::unavailable);
  EXPECT_THAT(service_.listings()[0].status.reason, HasSubstr("'files' and 'urls'"));
}

TEST_F(ServiceTest, ReadsFromTheMetadataWhetherAModelTakesFiles) {
  auto tabular = predicts();
  tabular.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  add(tabular, hosting::json_output("1"), "tabular");
  add(predicts(), hosting::json_output("1"), "image");
  EXPECT_FALSE(service_.model("tabular")->declarations->takes_files);
  EXPECT_TRUE(service_.model("image")->declarations->takes_files);
}

TEST_F(ServiceTest, StartsATrainingWithCheckedArgumentsAndFiles) {
  auto description = predicts();
  description.has_train = true;
  description.train_args_json = R"([{"name":"epochs","type":"int","required":true},{"name":"set","type":"file"}])";
  add(description, hosting::json_output("1"));
  EXPECT_EQ(service_.start_training(*service_.model("m"), {}, kByAdmin, "r").error().code, Code::invalid_argument);
  RawArgs args;
  args.values.emplace("epochs", std::vector<std::string>{"5"});
  args.files = {{"set", "a.zip", "", Bytes("x")}};
  const auto training = service_.start_training(*service_.model("m"), args, kByAdmin, "r");
  ASSERT_TRUE(training);
  EXPECT_EQ(training->args_json, R"({"epochs":5})");
  EXPECT_EQ(registry_.runs.at(0)->call.files.at(0).file_name, "a.zip");
  EXPECT_EQ(service_.list_trainings("m", kAdmin).size(), 1U);
  EXPECT_EQ(service_.cancel_training("m", training->uuid, kAdmin)->status, training::Status::cancelled);
  EXPECT_EQ(service_.training("m", training->uuid, kAdmin)->status, training::Status::cancelled);
}

TEST_F(ServiceTest, ForgetsTheDeclarationsOfAModelThatIsGone) {
  add(predicts(), hosting::json_output("1"), "old");
  const std::weak_ptr<const hosting::Description> old = service_.model("old")->declarations->description;
  registry_.listings.clear();
  EXPECT_FALSE(old.expired());
  add(predicts(), hosting::json_output("1"), "new");
  ASSERT_TRUE(service_.model("new"));
  EXPECT_TRUE(old.expired());
}

}  // namespace
}  // namespace berth::core
