// SPDX-License-Identifier: Apache-2.0
// Batches: each call gets its own answer, and a bad one spoils no other.
#include <gtest/gtest.h>

#include <memory>

#include "recording_host.h"

namespace berth::test {
namespace {

// Negative numbers are an error of one call, 13 throws for all, 7 loses an answer.
class Doubling : public BaseModel {
 public:
  static inline std::vector<std::size_t> sizes;
  Metadata get_metadata() const override { return {.name = "doubling"}; }
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    sizes.push_back(batch.size());
    std::vector<Response> responses;
    for (const Args& args : batch) {
      const auto n = args.integer("n");
      if (n == 13) throw Error(400, "unlucky");
      if (n == 7) continue;
      responses.push_back(n < 0 ? Response(Error(422, "negative")) : Response(Json(2 * n)));
    }
    return responses;
  }
};

std::vector<std::string> answers_to(const std::vector<int>& numbers) {
  Doubling::sizes.clear();
  Loaded model(type_of<Doubling>());
  std::vector<std::unique_ptr<RawArgs>> args;
  std::vector<std::unique_ptr<Outcome>> outcomes;
  std::vector<const berth_args*> raw_args;
  std::vector<const berth_result*> raw_results;
  for (const int n : numbers) {
    args.push_back(std::make_unique<RawArgs>("{\"n\":" + std::to_string(n) + "}"));
    outcomes.push_back(std::make_unique<Outcome>());
    raw_args.push_back(args.back()->get());
    raw_results.push_back(outcomes.back()->result());
  }
  type_of<Doubling>().predict_batch(model.model(), raw_args.data(), raw_args.size(), raw_results.data());
  std::vector<std::string> answers;
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome->count, 1);
    answers.push_back(outcome->kind == "error" ? std::to_string(outcome->status) : outcome->body);
  }
  return answers;
}

using Answers = std::vector<std::string>;

TEST(Batch, AnswersInOrderInOneCall) {
  EXPECT_EQ(answers_to({1, 2, 3}), (Answers{"2", "4", "6"}));
  EXPECT_EQ(Doubling::sizes, (std::vector<std::size_t>{3}));
}

TEST(Batch, AnErrorIsOneCallsOwn) { EXPECT_EQ(answers_to({1, -1, 3}), (Answers{"2", "422", "6"})); }

TEST(Batch, OneThatThrowsDoesNotTakeTheOthersWithIt) {
  EXPECT_EQ(answers_to({1, 13, 3}), (Answers{"2", "400", "6"}));
  EXPECT_EQ(Doubling::sizes, (std::vector<std::size_t>{3, 1, 1, 1}));
}

TEST(Batch, ALostAnswerIsAFailureOfThatCallAlone) { EXPECT_EQ(answers_to({1, 7, 3}), (Answers{"2", "0", "6"})); }

TEST(Batch, OfOneAndOfNone) {
  EXPECT_EQ(answers_to({5}), (Answers{"10"}));
  EXPECT_EQ(answers_to({13}), (Answers{"400"}));
  EXPECT_EQ(answers_to({}), Answers{});
}

}  // namespace
}  // namespace berth::test
