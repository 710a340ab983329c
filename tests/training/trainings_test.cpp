// SPDX-License-Identifier: Apache-2.0
#include "training/trainings.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>

#include "core/fake_hosting.h"

namespace berth::training {
namespace {

using namespace std::chrono_literals;

class TrainingsTest : public testing::Test {
 protected:
  hosting::Call call(std::string args = "{}") {
    hosting::Call call;
    call.args_json = std::move(args);
    call.request_id = "request-1";
    return call;
  }
  void open(TrainingsOptions options = {}) {
    trainings_ = std::make_unique<Trainings>(registry_, make_memory_journal(), options);
  }
  Training started(std::function<void(Training)> on_end = {}) {
    auto training = trainings_->start(model_, call(R"({"epochs":3})"), std::move(on_end));
    EXPECT_TRUE(training) << training.error().message;
    return *training;
  }
  Training now(const Training& training) { return trainings_->get("m", training.uuid).value(); }

  hosting::FakeRegistry registry_;
  hosting::ModelPtr model_ = registry_.add(std::make_shared<hosting::FakeModel>("m", hosting::Description{}, nullptr));
  std::unique_ptr<Trainings> trainings_;
};

TEST_F(TrainingsTest, RunsAndKeepsTheOutput) {
  open();
  std::vector<Training> ended;
  const auto training = started([&](Training t) { ended.push_back(std::move(t)); });
  EXPECT_EQ(training.status, Status::running);
  EXPECT_EQ(training.uuid.size(), 32U);
  EXPECT_EQ(training.args_json, R"({"epochs":3})");
  ASSERT_EQ(registry_.runs.size(), 1U);
  EXPECT_EQ(registry_.runs[0]->call.method, hosting::Method::train);
  registry_.runs[0]->on_progress({0.5, R"({"loss":1})"});
  EXPECT_EQ(now(training).progress, 0.5);
  EXPECT_EQ(trainings_->list("m").at(0).progress_json, R"({"loss":1})");

  registry_.runs[0]->finish(hosting::json_output("7"));
  EXPECT_EQ(now(training).status, Status::done);
  EXPECT_EQ(now(training).output.body.view(), "7");
  EXPECT_TRUE(now(training).finished);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].status, Status::done);
}

TEST_F(TrainingsTest, TellsAModelsErrorButKeepsAnInternalOneForTheLog) {
  open();
  const auto first = started();
  registry_.runs[0]->finish(failure(Error{.code = Code::invalid_argument, .message = "too few", .model_status = 422}));
  EXPECT_EQ(now(first).status, Status::error);
  EXPECT_EQ(now(first).message, "too few");
  EXPECT_EQ(now(first).model_status, 422);

  const auto second = started();
  registry_.runs[1]->finish(failure(Code::internal, "secret path"));
  EXPECT_EQ(now(second).status, Status::error);
  EXPECT_EQ(now(second).message.find("secret"), std::string::npos);
  EXPECT_NE(now(second).message.find("request-1"), std::string::npos);
}

TEST_F(TrainingsTest, ListsOldestFirstAndOnlyTheModelsOwn) {
  open();
  const auto first = started();
  const auto second = started();
  const auto list = trainings_->list("m");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].uuid, first.uuid);
  EXPECT_EQ(list[1].uuid, second.uuid);
  EXPECT_TRUE(trainings_->list("other").empty());
  EXPECT_EQ(trainings_->get("other", first.uuid).error().code, Code::not_found);
  EXPECT_EQ(trainings_->get("m", "abcdef").error().code, Code::not_found);
}

TEST_F(TrainingsTest, CancelAnswersAtOnceAndKillsARunThatDoesNotStop) {
  open({.stop_grace = 1ms});
  std::promise<void> killed;
  registry_.on_run = [&](hosting::FakeRunControl& run) { run.on_kill = [&] { killed.set_value(); }; };
  int ended = 0;
  const auto training = started([&](const Training& t) {
    ++ended;
    EXPECT_EQ(t.status, Status::cancelled);
  });
  const auto cancelled = trainings_->cancel("m", training.uuid);
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->status, Status::cancelled);
  EXPECT_TRUE(registry_.runs[0]->stop_requested);
  EXPECT_EQ(killed.get_future().wait_for(30s), std::future_status::ready);
  registry_.runs[0]->finish(failure(Code::cancelled, "killed"));
  EXPECT_EQ(now(training).status, Status::cancelled);
  EXPECT_EQ(ended, 1);
}

TEST_F(TrainingsTest, CancelOfAFinishedOneReturnsItAsItIs) {
  open();
  const auto training = started();
  registry_.runs[0]->finish(hosting::json_output("1"));
  EXPECT_EQ(trainings_->cancel("m", training.uuid)->status, Status::done);
  EXPECT_FALSE(registry_.runs[0]->stop_requested);
  EXPECT_EQ(trainings_->cancel("m", "nope").error().code, Code::not_found);
}

TEST_F(TrainingsTest, ACancelledRunHoldsItsSlotUntilItsWorkerHasLeft) {
  open({.max_running = 1, .stop_grace = 1h});
  const auto training = started();
  const auto busy = trainings_->start(model_, call(), {});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, Code::busy);
  EXPECT_TRUE(busy.error().retry_after);
  ASSERT_TRUE(trainings_->cancel("m", training.uuid));
  EXPECT_EQ(trainings_->start(model_, call(), {}).error().code, Code::busy);
  registry_.runs[0]->finish(failure(Code::cancelled, "stopped"));
  EXPECT_TRUE(trainings_->start(model_, call(), {}));
}

TEST_F(TrainingsTest, SurvivesAnOutcomeThatComesBeforeStartReturns) {
  open({.max_running = 1});
  registry_.on_run = [](hosting::FakeRunControl& run) { run.finish(hosting::json_output("1")); };
  const auto first = started();
  EXPECT_EQ(now(first).status, Status::done);
  EXPECT_EQ(now(started()).status, Status::done);
}

TEST_F(TrainingsTest, AStartThatIsRefusedIsTheCallersErrorAndFreesTheSlot) {
  open({.max_running = 1});
  registry_.refuse_runs = Error{.code = Code::unavailable, .message = "no process"};
  int ended = 0;
  const auto refused = trainings_->start(model_, call(), [&](const Training&) { ++ended; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(ended, 0);
  ASSERT_EQ(trainings_->list("m").size(), 1U);
  EXPECT_EQ(trainings_->list("m")[0].status, Status::error);
  registry_.refuse_runs.reset();
  EXPECT_TRUE(trainings_->start(model_, call(), {}));
}

TEST_F(TrainingsTest, DestructionKillsWhatRunsAndEndsItOnce) {
  open();
  int ended = 0;
  started([&](const Training& t) {
    ++ended;
    EXPECT_EQ(t.status, Status::cancelled);
  });
  const auto run = registry_.runs[0];
  trainings_.reset();
  EXPECT_TRUE(run->killed);
  EXPECT_TRUE(run->released);
  EXPECT_EQ(ended, 1);
  run->finish(failure(Code::cancelled, "killed"));  // a late report finds nobody, and does no harm
  EXPECT_EQ(ended, 1);
}

// A package that a test lets go through, or not.
struct FakePackage final : hosting::NewPackage {
  Result<> prepare(const std::function<bool()>& wanted) override {
    preparing.set_value();
    go_on.get_future().wait();
    if (!wanted()) return failure(Code::cancelled, "cancelled");
    return problem.empty() ? Result<>() : failure(Code::invalid_argument, problem);
  }
  Result<std::string> publish() override {
    is_published = true;
    if (on_publish) on_publish();
    return "202601020304";
  }

  std::promise<void> preparing, go_on;
  std::string problem;
  std::atomic<bool> is_published = false;
  std::function<void()> on_publish;
};

class NewVersionTest : public TrainingsTest {
 protected:
  // A training whose worker left with a package.
  Training trained(std::function<void(Training)> on_end = {}) {
    open();
    const auto training = started(std::move(on_end));
    registry_.runs[0]->finish(hosting::json_output("7"), package_);
    return training;
  }

  std::shared_ptr<FakePackage> package_ = std::make_shared<FakePackage>();
  std::promise<Training> ended_;
};

TEST_F(NewVersionTest, AppearsBeforeTheTrainingIsDone) {
  const auto training = trained([&](Training t) { ended_.set_value(std::move(t)); });
  package_->preparing.get_future().wait();
  EXPECT_EQ(now(training).status, Status::running);
  package_->go_on.set_value();
  const auto ended = ended_.get_future().get();
  EXPECT_EQ(ended.status, Status::done);
  EXPECT_EQ(ended.new_version, "202601020304");
  EXPECT_EQ(ended.output.body.view(), "7");
}

TEST_F(NewVersionTest, ThatIsNoPackageFailsTheTraining) {
  package_->problem = "it has no model.yaml";
  package_->go_on.set_value();
  trained([&](Training t) { ended_.set_value(std::move(t)); });
  const auto ended = ended_.get_future().get();
  EXPECT_EQ(ended.status, Status::error);
  EXPECT_EQ(ended.message, "the new version was not taken: it has no model.yaml");
  EXPECT_FALSE(package_->is_published);
}

TEST_F(NewVersionTest, OfACancelledTrainingDoesNotAppear) {
  const auto training = trained();
  package_->preparing.get_future().wait();
  EXPECT_EQ(trainings_->cancel("m", training.uuid)->status, Status::cancelled);
  package_->go_on.set_value();
  trainings_.reset();  // waits for what was begun
  EXPECT_FALSE(package_->is_published);
}

TEST_F(NewVersionTest, ThatIsAppearingCannotBeCancelledAnyMore) {
  std::string uuid;
  std::optional<Status> answered;
  package_->on_publish = [&] { answered = trainings_->cancel("m", uuid)->status; };
  uuid = trained([&](Training t) { ended_.set_value(std::move(t)); }).uuid;
  package_->go_on.set_value();
  EXPECT_EQ(ended_.get_future().get().status, Status::done);
  EXPECT_EQ(answered, Status::running);
}

TEST_F(NewVersionTest, OfATrainingThatFailedIsThrownAway) {
  open();
  const auto training = started();
  registry_.runs[0]->finish(failure(Code::internal, "boom"), package_);
  EXPECT_EQ(now(training).status, Status::error);
  EXPECT_EQ(package_.use_count(), 1);
}

TEST(MemoryJournal, ForgetsTheOldestFinishedButNeverARunningOne) {
  const auto journal = make_memory_journal({.max_finished = 1});
  const auto put = [&](const char* uuid, Status status) {
    Training training;
    training.uuid = uuid;
    training.model = "m";
    training.status = status;
    ASSERT_TRUE(journal->put(training));
  };
  put("a", Status::running);
  put("b", Status::done);
  put("c", Status::error);
  EXPECT_TRUE(journal->get("a"));
  EXPECT_FALSE(journal->get("b"));
  EXPECT_TRUE(journal->get("c"));
  put("a", Status::done);
  EXPECT_FALSE(journal->get("a"));
  EXPECT_EQ(journal->list("m").size(), 1U);
}

TEST(MemoryJournal, ForgetsTheOldestFinishedWhenTogetherTheyAreTooLarge) {
  const auto journal = make_memory_journal({.max_finished_bytes = 10'000});
  const auto put = [&](const char* uuid, Status status, std::size_t args, std::size_t output) {
    Training training;
    training.uuid = uuid;
    training.model = "m";
    training.status = status;
    training.args_json.assign(args, ' ');
    training.output.body = Bytes(std::string(output, ' '));
    ASSERT_TRUE(journal->put(training));
  };
  put("running", Status::running, 20'000, 0);
  put("a", Status::done, 3'000, 0);
  put("b", Status::done, 0, 3'000);
  EXPECT_TRUE(journal->get("a"));
  put("c", Status::done, 3'000, 0);
  EXPECT_FALSE(journal->get("a"));
  EXPECT_TRUE(journal->get("b"));
  put("d", Status::done, 0, 20'000);
  EXPECT_TRUE(journal->get("d"));  // the newest stays, whatever its size
  EXPECT_EQ(journal->list("m").size(), 2U);
  EXPECT_TRUE(journal->get("running"));
}

}  // namespace
}  // namespace berth::training
