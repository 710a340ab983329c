// SPDX-License-Identifier: Apache-2.0
// What real workers answer, as it leaves the core.
#include <gmock/gmock.h>

#include "core/service.h"
#include "hosting/house.h"
#include "support/recent_log.h"

namespace berth::core {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class HostedAnswers : public testing::Test {
 protected:
  void SetUp() override {
    test::keep_log();
    house_.load({"talker"});
    trainings_ = std::make_unique<training::Trainings>(*house_.registry, training::make_memory_journal(),
                                                       training::TrainingsOptions{});
    service_ = std::make_unique<Service>(*house_.registry, *trainings_);
  }
  hosting::Outcome predict(const std::string& answer) {
    PredictRequest request;
    request.model = *service_->choose("talker", {}, {.role = identity::Role::admin});
    request.args.values.emplace("answer", std::vector<std::string>{answer});
    request.request_id = "find-me";
    std::promise<hosting::Outcome> promise;
    service_->predict(std::move(request), [&](hosting::Outcome&& outcome) { promise.set_value(std::move(outcome)); });
    return hosting::wait(promise.get_future());
  }

  hosting::House house_;
  std::unique_ptr<training::Trainings> trainings_;
  std::unique_ptr<Service> service_;
};

TEST_F(HostedAnswers, WithNumbersThatAreNotFiniteHaveNullsAndTheLogSaysSo) {
  EXPECT_EQ(hosting::body(predict(R"({"a":[NaN,1.5]})")), R"({"a":[null,1.5]})");
  EXPECT_THAT(log::recent(),
              AllOf(HasSubstr("not finite"), HasSubstr(R"("model":"talker")"), HasSubstr(R"("request_id":"find-me")")));
}

TEST_F(HostedAnswers, ThatAreNoJsonAreInternalErrorsAndKillNobody) {
  const auto outcome = predict("{oops");
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::internal);
  EXPECT_THAT(outcome.output.error().message, HasSubstr("not valid JSON"));
  EXPECT_EQ(house_.model("talker")->status().restarts, 0U);
}

}  // namespace
}  // namespace berth::core
