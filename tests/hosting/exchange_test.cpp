// SPDX-License-Identifier: Apache-2.0
// What is on disk changes while it is served.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "hosting/on_disk.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST_F(OnDisk, ServesANewOneOnceItIsReadyAndLetsTheOldOneGo) {
  load();
  EXPECT_EQ(now("weights"), "first");
  put_version("2", "second");
  EXPECT_TRUE(becomes("weights", "second"));
  EXPECT_TRUE(eventually([&] { return state("1") == State::unloaded; }));
  EXPECT_EQ(house_.listing("birds", "2").status.state, State::ready);
  EXPECT_TRUE(house_.listing("birds", "2").active);
}

TEST_F(OnDisk, KeepServingWhereTheNewOneCannotBeLoaded) {
  load();
  put_version("2", "");
  ASSERT_TRUE(eventually([&] { return state("2") == State::unavailable; }));
  EXPECT_THAT(house_.listing("birds", "2").status.reason, HasSubstr("weights.txt is empty"));
  EXPECT_EQ(now("weights"), "first");
  house_.folder.write("models/birds/2/weights.txt", "mended");
  EXPECT_TRUE(becomes("weights", "mended"));
}

TEST_F(OnDisk, SurviveCodeThatIsOverwrittenInPlaceAndTakeItUp) {
  load();
  const auto before = house_.model("birds");
  for (int i = 0; i < 10; ++i) {
    overwrite_code(i % 2 == 0 ? 'b' : 'a');
    EXPECT_THAT(body(ask(before, "{}")), HasSubstr("first"));
  }
  overwrite_code('b');
  EXPECT_TRUE(becomes("code", "b"));
  EXPECT_THAT(body(ask(before, "{}")), HasSubstr(R"("code":"a")")) << "whoever holds a model keeps it as it was";
}

TEST_F(OnDisk, YieldToWhatServesUntilTheyAreReady) {
  if (!can_take_processor() || ::getpriority(PRIO_PROCESS, 0) >= kYielding) {
    GTEST_SKIP() << "needs CAP_SYS_NICE, or RLIMIT_NICE of 20, and not to be as nice as can be";
  }
  load();
  const auto usual = std::to_string(::getpriority(PRIO_PROCESS, 0));
  EXPECT_EQ(now("made_at"), usual) << "nothing served beside it";
  char code = 'a';
  EXPECT_TRUE(eventually([&] {
    code = code == 'a' ? 'b' : 'a';
    put_code(code);
    return becomes("code", std::string(1, code)) && now("made_at") != usual;
  }));
  EXPECT_EQ(now("asked_at"), usual);
}

TEST_F(OnDisk, StayWhereTheNewCodeIsBroken) {
  load();
  house_.folder.write("plugins/swapper.so", "not a library");
  ASSERT_TRUE(eventually([&] { return !house_.listing("birds", "1").status.reason.empty(); }));
  EXPECT_THAT(house_.listing("birds", "1").status.reason, HasSubstr("it is not a library"));
  EXPECT_EQ(now("weights"), "first");
  put_code('b');
  EXPECT_TRUE(becomes("code", "b"));
  EXPECT_EQ(house_.listing("birds", "1").status.reason, "");
}

TEST_F(OnDisk, OfAModelWithoutAPackageStayWhereTheNewCodeIsBroken) {
  house_.options.settle = 20ms;
  fs::copy_file(fs::path(BERTH_FAKES_DIR) / "echo.so", house_.folder / "plugins/echo.so");
  house_.load();
  house_.folder.write("plugins/echo.so", "not a library");
  ASSERT_TRUE(eventually([&] { return !house_.listing("echo").status.reason.empty(); }));
  EXPECT_EQ(body(ask(house_.model("echo"), "{}")), "{}");
  fs::remove(house_.folder / "plugins/echo.so");
  EXPECT_TRUE(eventually([&] { return !house_.registry->find("echo"); }));
}

TEST_F(OnDisk, ComeAndGoWithTheirFolders) {
  load();
  put_version("2", "second");
  ASSERT_TRUE(becomes("weights", "second"));
  fs::remove_all(house_.folder / "models/birds/2");
  EXPECT_TRUE(becomes("weights", "first"));
  fs::remove_all(house_.folder / "models/birds");
  EXPECT_TRUE(eventually([&] { return answer() == "none: there is no model birds"; }));
}

TEST_F(OnDisk, AreLeftAloneUnderNamesThatBeginWithADot) {
  put_version(".2", "half");
  house_.folder.write("models/.cats/1/model.yaml", "plugin: swapper\n");
  house_.folder.write("plugins/.half.so", "half a library");
  load();
  const auto listed = house_.registry->list();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].name, "birds");
  EXPECT_EQ(listed[0].version, "1");
  fs::rename(house_.folder / "models/birds/.2", house_.folder / "models/birds/2");
  EXPECT_TRUE(becomes("weights", "half"));
}

void refuse_bad_weights(const ModelPtr& model, std::function<void(Result<>)> done) {
  Call call;
  call.args_json = "{}";
  model->submit(std::move(call), [done = std::move(done)](Outcome&& outcome) {
    const bool good = outcome.output && outcome.output->body.view().find("bad") == std::string_view::npos;
    done(good ? Result<>() : failure(Code::unavailable, "bad weights"));
  });
}

TEST_F(OnDisk, ServeOnlyIfTheyPassTheirSelfTest) {
  house_.options.self_test = refuse_bad_weights;
  load();
  put_version("2", "bad");
  ASSERT_TRUE(eventually([&] { return state("2") == State::unavailable; }));
  EXPECT_EQ(house_.listing("birds", "2").status.reason, "it failed its self-test: bad weights");
  EXPECT_EQ(now("weights"), "first");
  put_version("3", "good");
  EXPECT_TRUE(becomes("weights", "good"));
}

TEST_F(OnDisk, StartNoWorkerFromFilesThatNobodyChecked) {
  house_.options.settle = 0ms;
  load();
  house_.folder.write("models/birds/1/weights.txt", "changed");
  EXPECT_EQ(now("weights"), "first");
  ASSERT_EQ(::kill(house_.model("birds")->status().workers.at(0).pid, SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return state("1") == State::unavailable; }));
  EXPECT_THAT(house_.listing("birds").status.reason, HasSubstr("changed after they were checked"));
  EXPECT_THAT(answer(), HasSubstr("changed after they were checked"));
  ASSERT_TRUE(load_again());
  EXPECT_EQ(now("weights"), "changed");
}

TEST_F(OnDisk, StartNoWorkerFromFilesThatFailedTheirSelfTest) {
  house_.options.self_test = refuse_bad_weights;
  load();
  house_.folder.write("models/birds/1/weights.txt", "bad");
  ASSERT_TRUE(eventually([&] { return house_.listing("birds").status.reason.find("self-test") != std::string::npos; }));
  EXPECT_EQ(now("weights"), "first");
  ASSERT_EQ(::kill(house_.model("birds")->status().workers.at(0).pid, SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return state("1") == State::unavailable; }));
  EXPECT_THAT(answer(), HasSubstr("changed after they were checked"));
  house_.folder.write("models/birds/1/weights.txt", "good");
  EXPECT_TRUE(becomes("weights", "good"));
}

std::size_t count_entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// A thousand of them take a minute: the test that asks for so many has a name of its own in CTest.
int exchanges() {
  const char* wanted = std::getenv("BERTH_EXCHANGES");
  return wanted == nullptr ? 20 : std::atoi(wanted);
}

std::size_t resident_bytes() {
  std::size_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(OnDisk, LeaveNothingBehindWhenTheyAreExchangedUnderLoad) {
  load();
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::vector<std::string> failed;
  std::jthread client([&] {
    while (!stop) {
      const auto found = house_.registry->find("birds");
      const auto outcome = found ? ask(*found, "{}") : Outcome{failure(found.error()), {}, ""};
      if (!outcome.output) failed.push_back(body(outcome));
      ++answered;
    }
  });
  const auto exchange = [&](int i) {
    put_code(i % 2 == 0 ? 'b' : 'a');
    const auto weights = "weights " + std::to_string(i);
    house_.folder.write("beside/weights.txt", weights);
    fs::rename(house_.folder / "beside/weights.txt", house_.folder / "models/birds/1/weights.txt");
    return eventually([&] {
      const auto text = answer();
      return text.find(weights) != std::string::npos &&
             text.find(i % 2 == 0 ? R"(:"b")" : R"(:"a")") != std::string::npos;
    });
  };
  ASSERT_TRUE(exchange(0));
  ASSERT_TRUE(eventually([&] { return count_entries(house_.folder / "scratch/libraries") == 1; }));
  const auto descriptors = count_entries("/proc/self/fd");
  std::size_t early = 0;
  for (int i = 1; i < exchanges(); ++i) {
    ASSERT_TRUE(exchange(i)) << i;
    if (i == exchanges() / 5) early = resident_bytes();
  }
  const auto late = resident_bytes();
  stop = true;
  client.join();
  EXPECT_THAT(failed, testing::IsEmpty());
  EXPECT_GT(answered, exchanges());
  std::printf("%d exchanges, %d calls answered, %zu KiB resident after a fifth, %zu at the end\n", exchanges(),
              answered.load(), early / 1024, late / 1024);
  // Sanitizers keep what was freed.
  if (std::getenv("BERTH_EXCHANGES") != nullptr) {
    EXPECT_LT(late, early + 4UL * 1024 * 1024);
  }
  // One worker's folder, one copy of the library, and the descriptors of one worker.
  EXPECT_TRUE(eventually([&] { return count_entries(house_.folder / "scratch/libraries") == 1; }));
  EXPECT_TRUE(eventually([&] { return count_entries("/proc/self/fd") <= descriptors; }));
}

}  // namespace
}  // namespace berth::hosting
