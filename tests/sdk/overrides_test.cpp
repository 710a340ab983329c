// SPDX-License-Identifier: Apache-2.0
// What a class overrides is in its table, what it does not is null.
#include <gtest/gtest.h>

#include "recording_host.h"

namespace berth::test {
namespace {

class Named : public BaseModel {
 public:
  Metadata get_metadata() const override { return {.name = "named"}; }
};
class Everything : public Named {
 public:
  ArgSpecs get_test_args() const override { return {}; }
  ArgSpecs get_train_args() const override { return {}; }
  Json get_response_schema() const override { return Json::object(); }
  void warm() override {}
  Response predict_data(const Args&) override { return Json(1); }
  Response predict_url(const Args&) override { return Json(2); }
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    return std::vector<Response>(batch.size(), Response(Json(3)));
  }
  Response train(const Args&) noexcept override { return Json(4); }
  TensorSpecs get_inputs() const override { return {{"x", Datatype::fp32, {-1}}}; }
  TensorSpecs get_outputs() const override { return {}; }
};
class Inheriting : public Everything {};
class Hidden : public Named {
 private:
  Response predict_data(const Args&) override { return Json("private"); }
};
class Overloaded : public Named {
 public:
  Response predict_data(const Args&) override { return predict_data(7); }
  static Response predict_data(int n) { return Json(n); }
};
class BatchAlone : public Named {
 public:
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    return std::vector<Response>(batch.size(), Response(Json("batched")));
  }
};

TEST(Overrides, AbsentMethodsAreNull) {
  const auto& type = type_of<Named>();
  EXPECT_NE(type.create, nullptr);
  EXPECT_NE(type.destroy, nullptr);
  EXPECT_NE(type.get_metadata, nullptr);
  EXPECT_EQ(type.get_test_args, nullptr);
  EXPECT_EQ(type.get_train_args, nullptr);
  EXPECT_EQ(type.get_response_schema, nullptr);
  EXPECT_EQ(type.warm, nullptr);
  EXPECT_EQ(type.predict_data, nullptr);
  EXPECT_EQ(type.predict_url, nullptr);
  EXPECT_EQ(type.predict_batch, nullptr);
  EXPECT_EQ(type.train, nullptr);
  EXPECT_EQ(type.get_inputs, nullptr);
  EXPECT_EQ(type.get_outputs, nullptr);
}

template <class Model>
void expect_everything() {
  const auto& type = type_of<Model>();
  EXPECT_NE(type.get_test_args, nullptr);
  EXPECT_NE(type.get_train_args, nullptr);
  EXPECT_NE(type.get_response_schema, nullptr);
  EXPECT_NE(type.warm, nullptr);
  EXPECT_NE(type.predict_data, nullptr);
  EXPECT_NE(type.predict_url, nullptr);
  EXPECT_NE(type.predict_batch, nullptr);
  EXPECT_NE(type.train, nullptr);
  EXPECT_NE(type.get_inputs, nullptr);
  EXPECT_NE(type.get_outputs, nullptr);
}
TEST(Overrides, PresentOnesAreThere) { expect_everything<Everything>(); }
TEST(Overrides, AnOverrideInABaseBetweenCounts) { expect_everything<Inheriting>(); }

TEST(Overrides, TensorsAreDeclaredAsJson) {
  Loaded model(type_of<Everything>());
  Outcome outcome;
  model.ask(type_of<Everything>().get_inputs, outcome);
  EXPECT_EQ(outcome.body, R"([{"name":"x","datatype":"FP32","shape":[-1]}])");
}

TEST(Overrides, APrivateOverrideIsCalled) {
  Loaded model(type_of<Hidden>());
  Outcome outcome;
  model.predict(outcome);
  EXPECT_EQ(outcome.body, "\"private\"");
}

TEST(Overrides, AnOverloadedNameIsCalledWithArgs) {
  Loaded model(type_of<Overloaded>());
  Outcome outcome;
  model.predict(outcome);
  EXPECT_EQ(outcome.body, "7");
}

TEST(Overrides, BatchAloneAnswersSingleCallsToo) {
  ASSERT_NE(type_of<BatchAlone>().predict_data, nullptr);
  Loaded model(type_of<BatchAlone>());
  Outcome outcome;
  model.predict(outcome);
  EXPECT_EQ(outcome.body, "\"batched\"");
}

}  // namespace
}  // namespace berth::test
