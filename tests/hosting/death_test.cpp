// SPDX-License-Identifier: Apache-2.0
// Workers that die: whom it costs what.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

TEST(WorkerDeath, OfAPoisonInputIsAnErrorAfterExactlyTwoDeaths) {
  House house;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  for (const auto* mode : {"null", "abort", "terminate", "exit", "stack_overflow", "throw_in_thread"}) {
    const auto before = crasher->status().restarts;
    const auto outcome = ask(crasher, std::string(R"({"mode":")") + mode + "\"}");
    ASSERT_FALSE(outcome.output) << mode;
    EXPECT_EQ(outcome.output.error().code, Code::internal) << mode;
    EXPECT_THAT(outcome.output.error().message, HasSubstr("died twice")) << mode;
    EXPECT_TRUE(eventually([&] { return crasher->status().restarts == before + 2; })) << mode;
    EXPECT_TRUE(ask(crasher, R"({"mode":"none"})").output) << mode;
    EXPECT_EQ(crasher->status().restarts, before + 2) << mode;
    EXPECT_EQ(crasher->status().state, State::ready);
  }
}

TEST(WorkerDeath, DoesNotHappenWhereThePluginThrows) {
  House house;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  for (const auto* mode : {"throw", "throw_int", "error", "bad_status"}) {
    EXPECT_FALSE(ask(crasher, std::string(R"({"mode":")") + mode + "\"}").output) << mode;
  }
  EXPECT_EQ(crasher->status().restarts, 0U);
}

TEST(WorkerDeath, LosesNoneOfTheCallsThatWaitBehind) {
  House house;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  auto poison = submit(crasher, R"({"mode":"abort"})");
  std::vector<std::future<Outcome>> behind;
  for (int i = 0; i < 20; ++i) behind.push_back(submit(crasher, R"({"mode":"none"})"));
  EXPECT_FALSE(wait(std::move(poison)).output);
  for (auto& call : behind) EXPECT_TRUE(wait(std::move(call)).output);
}

TEST(WorkerDeath, TakesOnlyThePoisonOutOfABatch) {
  House house;
  house.serving.max_batch = 4;
  house.serving.max_batch_delay = 60s;  // nothing leaves before four are there
  house.load({"large"});
  const auto large = house.model("large");
  std::vector<std::future<Outcome>> calls;
  for (const auto* n : {"1", "2", "666", "3"}) calls.push_back(submit(large, std::string("{\"n\":") + n + "}"));
  EXPECT_EQ(body(wait(std::move(calls[0]))), "x");
  EXPECT_EQ(body(wait(std::move(calls[1]))), "xx");
  EXPECT_THAT(body(wait(std::move(calls[2]))), HasSubstr("died twice"));
  EXPECT_EQ(body(wait(std::move(calls[3]))), "xxx");
  EXPECT_TRUE(eventually([&] { return large->status().restarts == 2; }));
}

TEST(WorkerDeath, HandsItsCallToTheNextWorkerBeforeAnyOther) {
  LoopThread other;  // before the house, and so there as long as its workers
  House house;
  house.options.loops = {house.io.get(), other.get()};  // the first worker's, the second's
  house.load({"sleeper"});
  const auto sleeper = house.model("sleeper");
  std::promise<void> held, release;
  house.io.get()->post([&held, let_go = release.get_future().share()] {
    held.set_value();
    let_go.wait();
  });
  held.get_future().wait();
  auto first = submit(sleeper, R"({"seconds":0.5})");
  ::kill(sleeper->status().workers.front().pid, SIGKILL);
  auto second = submit(sleeper, R"({"seconds":0})");
  EXPECT_TRUE(eventually([&] { return sleeper->status().restarts == 1; }));
  EXPECT_EQ(second.wait_for(100ms), std::future_status::timeout) << "it went before the call that was lost";
  release.set_value();
  EXPECT_EQ(body(wait(std::move(first))), R"({"slept":0.5})");
  EXPECT_EQ(body(wait(std::move(second))), R"({"slept":0.0})");
}

// Sends calls one after another until told to stop, and counts what is not right.
class Client {
 public:
  Client(ModelPtr model, std::string args, std::string answer)
      : model_(std::move(model)), args_(std::move(args)), answer_(std::move(answer)), thread_([this] { run(); }) {}
  void stop() {
    stop_ = true;
    thread_.join();
  }
  int calls() const { return calls_; }
  int failures() const { return failures_; }
  std::string last_failure;

 private:
  void run() {
    while (!stop_) {
      const auto said = body(ask(model_, args_));
      ++calls_;
      if (said == answer_) continue;
      ++failures_;
      last_failure = said;
    }
  }
  ModelPtr model_;
  const std::string args_, answer_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> calls_ = 0, failures_ = 0;
  std::thread thread_;
};

TEST(WorkerDeath, ByKillUnderLoadCostsNobodyAnything) {
  House house;
  house.load({"echo", "sleeper"});
  const auto echo = house.model("echo"), sleeper = house.model("sleeper");
  Client other(echo, R"({"text":"a"})", R"({"text":"a"})");
  // Several at once in the queue of the model that is killed, one of them in its worker.
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(sleeper, R"({"seconds":0.002})", R"({"slept":0.002})"));
  }
  constexpr int kKills = 20;
  int pid = 0;
  for (int i = 0; i < kKills; ++i) {
    // Not before the worker has answered: a call that meets two kills has met two deaths.
    ASSERT_TRUE(eventually([&] {
      const auto workers = sleeper->status().workers;
      if (workers.empty() || workers.front().calls < 3 || workers.front().pid == pid) return false;
      pid = workers.front().pid;
      return true;
    }));
    ::kill(pid, SIGKILL);
  }
  ASSERT_TRUE(eventually([&] { return sleeper->status().restarts == kKills; }));
  int served = 0;
  for (auto& client : clients) {
    client->stop();
    served += client->calls();
    EXPECT_EQ(client->failures(), 0) << client->last_failure;
  }
  other.stop();
  EXPECT_EQ(other.failures(), 0) << other.last_failure;
  EXPECT_GE(served, 2 * kKills);
  EXPECT_GT(other.calls(), kKills);
  EXPECT_EQ(echo->status().restarts, 0U);
  RecordProperty("calls_of_the_killed_model", served);
  RecordProperty("calls_of_the_other_model", other.calls());
}

TEST(WorkerDeath, OfOneCallAfterAnotherIsSlowedDownAndCostsOtherModelsNothing) {
  House house;
  house.serving.restart_delay_min = 20ms;
  house.serving.restart_delay_max = 80ms;
  house.load({"crasher", "echo"});
  const auto crasher = house.model("crasher"), echo = house.model("echo");
  Client other(echo, R"({"text":"a"})", R"({"text":"a"})");
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::future<Outcome>> poison;
  for (int i = 0; i < 10; ++i) poison.push_back(submit(crasher, R"({"mode":"exit"})"));
  for (auto& call : poison) {
    EXPECT_THAT(body(wait(std::move(call))), HasSubstr("died twice"));
    EXPECT_EQ(crasher->status().state, State::ready);
  }
  // Five deaths are free; 20 + 40 + 13 * 80 ms for those that follow, but for the last.
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1000ms);
  EXPECT_THAT(crasher->status().reason, HasSubstr("calls kill its workers"));
  EXPECT_TRUE(ask(crasher, R"({"mode":"none"})").output);
  other.stop();
  EXPECT_EQ(other.failures(), 0) << other.last_failure;
  EXPECT_GT(other.calls(), 100);
  EXPECT_EQ(echo->status().restarts, 0U);
}

TEST(WorkerDeath, IsMadeGoodWithinASecond) {
  House house;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  EXPECT_FALSE(ask(crasher, R"({"mode":"exit"})").output);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(ask(crasher, R"({"mode":"none"})").output);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
}

TEST(WorkerDeath, OnEachStartMakesTheModelUnavailableAndItKeepsTrying) {
  House house;
  house.serving.restart_delay_min = 1ms;
  house.serving.restart_delay_max = 5ms;
  house.load({"dies_on_create"});
  const auto listed = house.listing("dies_on_create");
  EXPECT_EQ(listed.status.state, State::unavailable);
  EXPECT_GE(listed.status.restarts, 5U);
  ASSERT_TRUE(eventually([&] { return listed.model->status().restarts > listed.status.restarts; }));
  const auto outcome = ask(listed.model, "{}");
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::unavailable);
}

TEST(WorkerDeath, IsNotBroughtAboutByCtrlCOrTerminate) {
  House house;
  house.load({"echo"});
  const auto echo = house.model("echo");
  const int pid = echo->status().workers.at(0).pid;
  ::kill(pid, SIGINT);
  ::kill(pid, SIGTERM);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ask(echo, "{}").output);
  EXPECT_EQ(echo->status().workers.at(0).pid, pid);
}

}  // namespace
}  // namespace berth::hosting
