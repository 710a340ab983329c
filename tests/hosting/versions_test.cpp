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
#include <map>
#include <set>
#include <thread>

#include "base/json.h"
#include "hosting/house.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A house with one model whose code and weights come and go.
class OnDisk : public testing::Test {
 protected:
  OnDisk() { house_.options.settle = 20ms; }

  static fs::path build(char code) { return fs::path(BERTH_FAKES_DIR) / (std::string("swapper_") + code + ".so"); }
  // As a package manager does it.
  void put_code(char code) {
    const auto beside = house_.folder / ".new", target = house_.folder / "plugins/swapper.so";
    fs::copy_file(build(code), beside, fs::copy_options::overwrite_existing);
    fs::rename(beside, target);
  }
  void overwrite_code(char code) {
    std::ofstream(house_.folder / "plugins/swapper.so", std::ios::binary) << test::read_file(build(code));
  }
  void put_version(const std::string& version, const std::string& weights, const std::string& yaml = "") {
    const auto beside = house_.folder / "beside" / version, target = house_.folder / "models/birds" / version;
    house_.folder.write("beside/" + version + "/model.yaml", "plugin: swapper\n" + yaml);
    house_.folder.write("beside/" + version + "/weights.txt", weights);
    fs::create_directories(target.parent_path());
    fs::rename(beside, target);
  }
  void load() {
    put_code('a');
    put_version("1", "first");
    house_.load();
  }

  std::string answer(std::string_view version = {}) {
    const auto found = house_.registry->find("birds", version);
    return found ? body(ask(*found, "{}")) : "none: " + found.error().message;
  }
  std::string now(std::string_view key) {
    const auto document = json::parse(answer());
    if (!document) return answer();
    const auto* value = json::find(*document, key);
    return value != nullptr ? std::string(json::view(*value)) : answer();
  }
  bool becomes(std::string_view key, const std::string& value) {
    return eventually([&] { return now(key) == value; });
  }
  State state(std::string_view version) {
    for (const auto& listed : house_.registry->list()) {
      if (listed.name == "birds" && listed.version == version) return listed.status.state;
    }
    return State::draining;  // not listed
  }
  Result<> decide(const std::string& rollout) {
    std::promise<Result<>> told;
    house_.registry->change_rollout(
        "birds", [&](const Rollout& before) { return read_rollout(rollout, before); },
        [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }
  Result<> go_back() {
    std::promise<Result<>> told;
    house_.registry->change_rollout(
        "birds",
        [](const Rollout& rollout) -> Result<Rollout> {
          auto back = rollout;
          if (auto rolled = roll_back(back); !rolled) return tl::unexpected<Error>(rolled.error());
          return back;
        },
        [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }
  Result<> load_again(const std::string& name = "birds") {
    std::promise<Result<>> told;
    house_.registry->load(name, [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }
  Result<> unload() {
    std::promise<Result<>> told;
    house_.registry->unload("birds", [&](const Result<>& result) { told.set_value(result); });
    return told.get_future().get();
  }

  House house_;
};

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

TEST_F(OnDisk, AreServedAsThePolicySays) {
  house_.options.versions = [](std::string_view) { return VersionPolicy{.latest = 2, .listed = {}}; };
  for (const auto* version : {"2", "3", "20260102030405"}) put_version(version, version);
  load();
  EXPECT_EQ(now("weights"), "20260102030405");
  EXPECT_THAT(answer("3"), HasSubstr(R"("weights":"3")"));
  EXPECT_THAT(answer("2"), HasSubstr("is not loaded"));
  EXPECT_THAT(answer("4"), HasSubstr("there is no model birds of version 4"));
}

TEST_F(OnDisk, MoveWhenOneIsPromotedAndBackAgain) {
  house_.options.versions = [](std::string_view) { return VersionPolicy{.latest = 0, .listed = {}}; };
  put_version("2", "second");
  load();
  EXPECT_EQ(now("version"), "2");
  ASSERT_TRUE(decide(R"({"active":"1"})"));
  EXPECT_EQ(now("version"), "1");
  put_version("3", "third");
  ASSERT_TRUE(eventually([&] { return answer("3").starts_with("{"); }));
  EXPECT_EQ(now("version"), "1") << "a new version does not take the place of one that was made active";
  ASSERT_TRUE(decide(R"({"active":"3"})"));
  EXPECT_EQ(now("version"), "3");
  ASSERT_TRUE(go_back());
  EXPECT_EQ(now("version"), "1");
  EXPECT_EQ(decide(R"({"active":"9"})").error().code, Code::not_found);

  house_.registry.reset();
  house_.load();
  EXPECT_EQ(now("version"), "1") << "what was decided outlives the server";
}

TEST_F(OnDisk, ThatArePromotedBeforeTheyAreLoadedTakeOverOnceTheyAre) {
  load();
  put_version("2", "second");
  ASSERT_TRUE(becomes("version", "2"));
  ASSERT_TRUE(eventually([&] { return state("1") == State::unloaded; }));
  ASSERT_TRUE(decide(R"({"active":"1"})"));
  EXPECT_TRUE(becomes("version", "1"));
}

TEST_F(OnDisk, StayActiveWhereTheOneThatIsPromotedFails) {
  put_version("2", "");
  put_version("3", "third");
  load();
  EXPECT_EQ(now("version"), "3");
  ASSERT_TRUE(decide(R"({"active":"1"})"));
  ASSERT_TRUE(becomes("version", "1"));
  ASSERT_TRUE(decide(R"({"active":"2"})"));
  ASSERT_TRUE(eventually([&] { return state("2") == State::unavailable; }));
  EXPECT_EQ(now("version"), "1");
  EXPECT_THAT(load_again().error().message, HasSubstr("version 2: "));
  EXPECT_EQ(now("version"), "1");

  house_.registry.reset();
  house_.load();
  EXPECT_EQ(now("version"), "1") << "also after a restart";
  house_.folder.write("models/birds/2/weights.txt", "mended");
  EXPECT_TRUE(becomes("version", "2"));
}

TEST_F(OnDisk, StayActiveUntilTheOneThatIsGoneBackToIsLoadedAgain) {
  for (const auto* version : {"2", "3"}) put_version(version, version);
  load();
  for (const auto* version : {"1", "2"}) {
    ASSERT_TRUE(decide(std::string(R"({"active":")").append(version).append("\"}")));
    ASSERT_TRUE(becomes("version", version));
  }
  ASSERT_TRUE(eventually([&] { return state("1") == State::unloaded; }));
  ASSERT_TRUE(go_back());
  EXPECT_TRUE(eventually([&] {
    const auto version = now("version");
    EXPECT_NE(version, "3");
    return version != "2";
  }));
  EXPECT_EQ(now("version"), "1");
}

TEST_F(OnDisk, AreReachedByALabelUntilTheOneThatItMovesToIsReady) {
  put_version("2", "");
  put_version("3", "third");
  load();
  const auto label = [&](const char* version) {
    return decide(std::string(R"({"labels":{"canary":{"version":")").append(version).append("\"}}}"));
  };
  ASSERT_TRUE(label("3"));
  ASSERT_TRUE(label("1"));
  EXPECT_TRUE(eventually([&] {
    const auto said = answer("canary");
    EXPECT_THAT(said, testing::StartsWith("{"));
    return said.find(R"("version":"1")") != std::string::npos;
  }));
  ASSERT_TRUE(label("2"));
  ASSERT_TRUE(eventually([&] { return state("2") == State::unavailable; }));
  EXPECT_THAT(answer("canary"), HasSubstr(R"("version":"1")"));
}

TEST_F(OnDisk, ShareTrafficExactlyByTheirLabels) {
  house_.options.versions = [](std::string_view) { return VersionPolicy{.latest = 0, .listed = {}}; };
  put_version("2", "second");
  load();
  ASSERT_TRUE(decide(R"({"active":"1","labels":{"canary":{"version":"2","percent":12.5},"stable":{"version":"1"}}})"));
  std::map<std::string, int> counts;
  for (int i = 0; i < 1000; ++i) {
    ++counts[(*house_.registry->choose("birds", {}, {}))->source().version];
    EXPECT_EQ(house_.model("birds")->source().version, "1") << "looking at a model is no call of it";
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"1", 875}, {"2", 125}}));
  EXPECT_THAT(answer("canary"), HasSubstr(R"("version":"2")"));
  EXPECT_THAT(answer("stable"), HasSubstr(R"("version":"1")"));

  ASSERT_TRUE(decide(R"({"sticky":true})"));
  for (int i = 0; i < 50; ++i) {
    const auto who = "user-" + std::to_string(i);
    const auto first = (*house_.registry->choose("birds", {}, who))->source().version;
    EXPECT_EQ((*house_.registry->choose("birds", {}, who))->source().version, first);
  }
}

TEST_F(OnDisk, AreUnloadedAndLoadedByHand) {
  house_.options.settle = 0ms;
  load();
  ASSERT_TRUE(unload());
  EXPECT_THAT(answer(), HasSubstr("it was unloaded"));
  EXPECT_EQ(house_.listing("birds").status.state, State::unloaded);
  ASSERT_TRUE(load_again());
  EXPECT_EQ(now("weights"), "first");

  put_version("2", "");
  const auto failed = load_again();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::unavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("weights.txt is empty"));
  EXPECT_EQ(now("weights"), "first");
  EXPECT_EQ(load_again("nobody").error().code, Code::not_found);
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
