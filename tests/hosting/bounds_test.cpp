// SPDX-License-Identifier: Apache-2.0
// Deadlines, queues and sizes: each bound answers with its own error.
#include <gmock/gmock.h>

#include <fstream>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

Code code_of(const Outcome& outcome) {
  EXPECT_FALSE(outcome.output);
  return outcome.output ? Code::internal : outcome.output.error().code;
}

TEST(Bounds, ACallThatTakesTooLongIsTimedOutAndItsWorkerReplaced) {
  House house;
  house.serving.call_timeout = 300ms;
  house.load({"sleeper"});
  const auto sleeper = house.model("sleeper");
  const int pid = sleeper->status().workers.at(0).pid;
  auto slow = submit(sleeper, R"({"seconds":3600})");
  auto behind = submit(sleeper, R"({"seconds":0})");
  EXPECT_EQ(code_of(wait(std::move(slow))), Code::timeout);
  EXPECT_EQ(body(wait(std::move(behind))), R"({"slept":0.0})");
  EXPECT_EQ(sleeper->status().restarts, 1U);
  EXPECT_NE(sleeper->status().workers.at(0).pid, pid);
}

TEST(Bounds, APluginThatSpinsWithoutEndIsTimedOutToo) {
  House house;
  house.serving.call_timeout = 300ms;
  house.load({"crasher"});
  EXPECT_EQ(code_of(ask(house.model("crasher"), R"({"mode":"spin"})")), Code::timeout);
  EXPECT_TRUE(ask(house.model("crasher"), R"({"mode":"none"})").output);
}

// A call that keeps a sleeper busy until open() is called.
class Gate {
 public:
  explicit Gate(const House& house) : file_(house.folder / "gate") {}
  std::string args() const { return R"({"seconds":0,"until":")" + file_.string() + "\"}"; }
  void open() const { std::ofstream file(file_); }

 private:
  const std::filesystem::path file_;
};

TEST(Bounds, AFullQueueSaysWhenToTryAgain) {
  House house;
  house.serving.max_queue = 2;
  house.load({"sleeper"});
  const auto sleeper = house.model("sleeper");
  std::vector<std::future<Outcome>> accepted;
  const Gate gate(house);
  accepted.push_back(submit(sleeper, gate.args()));
  for (int i = 0; i < 2; ++i) accepted.push_back(submit(sleeper, R"({"seconds":0})"));
  const auto refused = ask(sleeper, R"({"seconds":0})");
  EXPECT_EQ(code_of(refused), Code::busy);
  ASSERT_TRUE(refused.output.error().retry_after);
  EXPECT_GE(refused.output.error().retry_after->count(), 1);
  gate.open();
  for (auto& call : accepted) EXPECT_TRUE(wait(std::move(call)).output);
}

TEST(Bounds, ACallThatWaitsTooLongForAWorkerIsToldSo) {
  House house;
  house.serving.queue_timeout = 100ms;
  house.load({"sleeper"});
  const auto sleeper = house.model("sleeper");
  const Gate gate(house);
  auto slow = submit(sleeper, gate.args());
  EXPECT_EQ(code_of(ask(sleeper, R"({"seconds":0})")), Code::busy);
  gate.open();
  EXPECT_TRUE(wait(std::move(slow)).output);
}

TEST(Bounds, AnInputThatIsTooLargeNeverReachesAWorker) {
  House house;
  house.serving.max_input_bytes = 100'000;
  house.load({"echo"});
  Call call;
  call.files.push_back({"data", "", "", Bytes(std::string(100'001, 'x'))});
  EXPECT_EQ(code_of(wait(submit(house.model("echo"), call))), Code::too_large);
  call.files[0].bytes = Bytes(std::string(99'000, 'x'));
  EXPECT_TRUE(wait(submit(house.model("echo"), call)).output);
}

TEST(Bounds, ManySmallPartsThatDoNotFitIntoAPacketStillArrive) {
  House house;
  house.load({"echo"});
  Call call;
  for (int i = 0; i < 500; ++i) {
    call.files.push_back({"data", std::string(200, 'n'), "a/b", Bytes(std::string(1000, 'x'))});
  }
  const auto outcome = wait(submit(house.model("echo"), call));
  ASSERT_TRUE(outcome.output) << body(outcome);
  EXPECT_EQ(outcome.output->file_name, std::string(200, 'n'));
}

TEST(Bounds, AnAnswerThatIsTooLargeIsTheModelsError) {
  House house;
  house.serving.max_output_bytes = 100'000;
  house.load({"large"});
  const auto outcome = ask(house.model("large"), R"({"n":200000})");
  EXPECT_EQ(code_of(outcome), Code::internal);
  EXPECT_THAT(outcome.output.error().message, HasSubstr("max_output_bytes"));
  EXPECT_EQ(body(ask(house.model("large"), R"({"n":3})")), "xxx");
}

TEST(Bounds, BulkOutputNeitherBlocksThePluginNorFillsTheLog) {
  House house;
  house.load({"crasher"});
  testing::internal::CaptureStderr();
  const auto outcome = ask(house.model("crasher"), R"({"mode":"spam"})");
  house.registry.reset();
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(outcome.output) << body(outcome);
  EXPECT_LT(log.size(), 5'000'000U);  // of 20 MB
  EXPECT_THAT(log, HasSubstr("bytes were dropped"));
}

TEST(Bounds, APluginThatPrintsAlwaysIsServedLikeAnyOther) {
  House house;
  house.load({"noisy"});
  EXPECT_EQ(body(ask(house.model("noisy"), "{}")), R"({"loaded":true})");
}

TEST(Bounds, AnAnswerThatIsNoUtf8IsAnError) {
  House house;
  house.load({"large"});
  const auto outcome = ask(house.model("large"), R"({"n":13})");
  EXPECT_EQ(code_of(outcome), Code::internal);
  EXPECT_THAT(outcome.output.error().message, HasSubstr("not UTF-8"));
}

// The core reads it, and says what is wrong with it.
TEST(Bounds, JsonIsLeftToTheCoreAsItIs) {
  House house;
  house.load({"large", "misfits"});
  EXPECT_EQ(body(ask(house.model("large"), R"({"n":14})")), "[NaN,-Infinity]");
  EXPECT_EQ(body(ask(house.model("bad_json"), R"({"n":1})")), "{oops");
}

// What the kernel says this process holds in memory that it shares.
std::size_t shared_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssShmem:")) return std::stoul(line.substr(9));
  }
  return 0;
}

TEST(Bounds, MemoryOfALargeCallGoesBackWhenItIsQuiet) {
  House house;
  house.load({"echo"});
  Call call;
  call.files.push_back({"data", "", "", Bytes(std::string(30'000'000, 'x'))});
  std::promise<std::size_t> held;
  house.model("echo")->submit(call, [&](Outcome&& outcome) {
    EXPECT_TRUE(outcome.output) << body(outcome);
    held.set_value(shared_kilobytes());
  });
  EXPECT_GT(held.get_future().get(), 25'000U);
  EXPECT_TRUE(eventually([] { return shared_kilobytes() < 5'000; }));
  EXPECT_TRUE(wait(submit(house.model("echo"), call)).output);
}

TEST(Bounds, ACallbackThatThrowsIsTheEndOfNothingElse) {
  House house;
  house.load({"echo"});
  const auto echo = house.model("echo");
  std::promise<void> called;
  echo->submit(Call{}, [&](Outcome&&) {
    called.set_value();
    throw std::bad_alloc();
  });
  ASSERT_EQ(called.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(ask(echo, "{}").output);
  const auto start = std::chrono::steady_clock::now();
  house.registry->drain(kPatience);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience);
}

TEST(Bounds, DrainFinishesWhatRunsAndRefusesWhatIsNew) {
  House house;
  house.load({"sleeper"});
  const auto sleeper = house.model("sleeper");
  const Gate gate(house);
  auto running = submit(sleeper, gate.args());
  auto waiting = submit(sleeper, R"({"seconds":0})");
  std::thread drain([&] { house.registry->drain(30s); });
  ASSERT_TRUE(eventually([&] { return sleeper->status().state == State::draining; }));
  EXPECT_EQ(code_of(ask(sleeper, "{}")), Code::cancelled);
  gate.open();
  EXPECT_TRUE(wait(std::move(running)).output);
  EXPECT_TRUE(wait(std::move(waiting)).output);
  drain.join();
  // Its process is gone; the loop that took its answers may hear of that a moment later.
  EXPECT_TRUE(eventually([&] { return sleeper->status().workers.empty(); }));
}

TEST(Bounds, DrainEndsWhatDoesNotFinishInTime) {
  House house;
  house.load({"sleeper"});
  const auto sleeper = house.model("sleeper");
  auto running = submit(sleeper, R"({"seconds":3600})");
  auto waiting = submit(sleeper, R"({"seconds":0})");
  house.registry->drain(50ms);
  EXPECT_EQ(code_of(wait(std::move(running))), Code::cancelled);
  EXPECT_EQ(code_of(wait(std::move(waiting))), Code::cancelled);
}

// Starts loading on a thread of its own; true once that has come to an end.
bool loading_ends(House& house, const std::function<void()>& meanwhile) {
  house.registry = std::move(*Registry::create(house.options));
  auto loading = std::async(std::launch::async, [&] { house.registry->load_all(); });
  meanwhile();
  house.registry->drain(kPatience);
  return loading.wait_for(kPatience) == std::future_status::ready;
}

TEST(Bounds, DrainEndsTheDescribingOfLibraries) {
  House house;
  house.options.max_describe_seconds = 3600;
  house.add("hangs_on_open");
  EXPECT_TRUE(loading_ends(house, [] {}));
}

TEST(Bounds, DrainEndsAModelThatIsStillBeingLoaded) {
  House house;
  house.serving.load_timeout = 3600s;
  house.options.worker_program = BERTH_HOSTILE_WORKER;
  std::filesystem::copy(std::string(BERTH_FAKES_DIR) + "/echo.so", house.folder / "plugins/never_ready.so");
  EXPECT_TRUE(loading_ends(house, [&] {
    EXPECT_TRUE(eventually([&] {
      const auto models = house.registry->list();
      return !models.empty() && !models.front().status.workers.empty();
    }));
  }));
}

TEST(Bounds, AModelOutlivesItsRegistryButServesNoMore) {
  House house;
  house.load({"echo"});
  const auto echo = house.model("echo");
  house.registry.reset();
  EXPECT_EQ(code_of(ask(echo, "{}")), Code::cancelled);
}

TEST(Bounds, ATensorOfTooManySizesFailsItsCallAndKillsNobody) {
  House house;
  house.load({"tensors"});
  const auto outcome = ask(house.model("deep"), "{}");
  EXPECT_EQ(code_of(outcome), Code::internal);
  EXPECT_THAT(outcome.output.error().message, HasSubstr("more than 32 sizes"));
  EXPECT_EQ(house.model("deep")->status().restarts, 0U);
}

}  // namespace
}  // namespace berth::hosting
