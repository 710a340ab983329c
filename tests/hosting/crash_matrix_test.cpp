// SPDX-License-Identifier: Apache-2.0
// Ways in which a plugin's process ends: each costs one call at most, nobody else anything, and is blamed rightly.
#include <gmock/gmock.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/json.h"
#include "base/text.h"
#include "hosting/house.h"

namespace berth::hosting {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A sanitizer has handlers and an allocator of its own: what the end looks like is up to it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

enum class Ends { served, twice, late };  // the call is answered; kills two workers; is cut off after call_timeout

struct Case {
  const char* mode;
  Ends ends;
  const char* cause;     // in the summary
  const char* function;  // in the summary too; "": the end leaves no stack
  const char* logged = "";
  const char* told = "";  // in the report's `cause`
};

const Case kCases[] = {
    {"null", Ends::twice, "SIGSEGV (null pointer)", "dereference_null", "", R"("kind":"signal","signal":"SIGSEGV")"},
    {"divide", Ends::twice, "SIGFPE", "divide_by_zero"},
    {"abort", Ends::twice, "SIGABRT", "failures()::{lambda"},
    {"terminate", Ends::twice, "SIGABRT (std::terminate)", "failures()::{lambda"},
    {"throw_in_thread", Ends::twice, "SIGABRT (uncaught std::runtime_error: nobody catches this)", "throw_in_thread"},
    {"out_of_memory", Ends::twice, "SIGABRT (uncaught std::bad_alloc: std::bad_alloc)", "leak"},
    {"stack_overflow", Ends::twice, "SIGSEGV (stack overflow)", "overflow_stack"},
    {"corrupt_heap", Ends::twice, "SIGABRT", "corrupt_heap", "free(): invalid"},
    {"sigpipe", Ends::twice, "SIGPIPE", "write_to_nobody"},
    {"exit", Ends::twice, "exit(0) was called", "failures()::{lambda", "", R"("exit_code":0,)"},
    {"quick_exit", Ends::twice, "it left by itself with exit code 0", ""},
    {"kill", Ends::twice, "SIGKILL (by somebody else", ""},
    {"spin", Ends::late, "killed: a call took longer than call_timeout", "spin", "",
     R"("killed_because":"a call took longer than call_timeout)"},
    {"hang", Ends::late, "killed: a call took longer than call_timeout", "hang"},
    {"deadlock", Ends::late, "killed: a call took longer than call_timeout", "lock_twice"},
    {"stop", Ends::late, "(process state T (stopped))", "failures()::{lambda"},
    {"spam", Ends::served, "", ""},
    {"spam_errors", Ends::served, "", ""},
    {"fork", Ends::served, "", ""},
    {"throw", Ends::served, "", ""},
    {"crash_in_child", Ends::served, "", ""},
};

class CrashMatrix : public testing::TestWithParam<Case> {};

// Once its names have been looked up.
std::optional<json::Document> complete_report(const CrashStore& store, const std::string& id) {
  std::optional<json::Document> report;
  const auto is_complete = [&] {
    const auto text = store.get(id);
    if (!text) return false;
    report = std::move(*json::parse(*text));
    return (*report)["complete"].GetBool();
  };
  EXPECT_TRUE(eventually(is_complete)) << id;
  return report;
}

// As the linker wrote it: sizes of name and value, the kind 3, the name, the value.
std::string build_id_of(const std::string& plugin) {
  const auto library = test::read_file(std::filesystem::path(BERTH_FAKES_DIR) / (plugin + ".so"));
  using namespace std::string_literals;
  const auto kind_and_name = "\x03\0\0\0GNU\0"s;
  const auto at = library.find(kind_and_name);
  if (at == std::string::npos || at < 4) return "";
  return to_hex(
      std::string_view(library).substr(at + kind_and_name.size(), static_cast<unsigned char>(library[at - 4])));
}

TEST_P(CrashMatrix, CostsOneCallAtMostAndIsBlamedRightly) {
  const auto& [mode, ends, cause, function, logged, told] = GetParam();
  if (kSanitized && (mode == std::string_view("out_of_memory") || mode == std::string_view("corrupt_heap"))) {
    GTEST_SKIP() << "the sanitizer's own allocator is in the way";
  }
  House house;
  house.report_crashes();
  if (ends == Ends::late) house.serving.call_timeout = 300ms;
  house.load({"crasher", "echo"});
  const auto crasher = house.model("crasher"), echo = house.model("echo");
  Call call;
  call.request_id = "the-request";
  call.args_json = std::string(R"({"mode":")") + mode + "\"}";
  const auto outcome = wait(submit(crasher, std::move(call)));
  EXPECT_TRUE(ask(crasher, R"({"mode":"none"})").output);
  EXPECT_TRUE(ask(echo, R"({"text":"a"})").output);
  EXPECT_EQ(echo->status().restarts, 0U);
  const auto restarts = ends == Ends::served ? 0U : ends == Ends::late ? 1U : 2U;
  EXPECT_EQ(crasher->status().restarts, restarts);
  if (ends == Ends::served) {
    EXPECT_EQ(house.options.crashes->store().list().size(), 0U);
    return;
  }

  ASSERT_FALSE(outcome.output);
  const auto& error = outcome.output.error();
  EXPECT_EQ(error.code, ends == Ends::late ? Code::timeout : Code::internal);
  const auto report = complete_report(house.options.crashes->store(), error.crash_report);
  ASSERT_TRUE(report);
  const std::string summary = (*report)["summary"].GetString();
  if (kSanitized) return;
  RecordProperty("summary", summary);
  EXPECT_THAT(summary, AllOf(HasSubstr(cause), HasSubstr("at predict_data, plugin crasher.so")));
  const bool has_stack = !std::string_view(function).empty();
  EXPECT_EQ((*report)["stack"].Empty(), !has_stack);
  EXPECT_EQ((*report)["model"], "crasher");
  EXPECT_EQ(json::text_at(*report, "version"), crasher->source().version);
  EXPECT_EQ((*report)["request_ids"][0], "the-request");
  EXPECT_EQ((*report)["plugin"]["sha256"].GetStringLength(), 64U);
  EXPECT_EQ(json::text_at((*report)["plugin"], "build_id"), build_id_of("crasher"));
  EXPECT_THAT(json::to_text((*report)["log"]), HasSubstr(logged));
  EXPECT_THAT(json::to_text((*report)["cause"]), HasSubstr(told));
  if (!has_stack) return;
  if (!std::filesystem::exists(house.symbolizer())) GTEST_SKIP() << "there is no berth-symbolize to name functions";
  EXPECT_THAT(summary, AllOf(HasSubstr(function), HasSubstr(" (crasher.cpp:")));
}

INSTANTIATE_TEST_SUITE_P(, CrashMatrix, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.mode); });

TEST(Crash, OfAWorkerThatLostItsDescriptorsIsReportedAndCostsOneCallAtMost) {
  House house;
  house.report_crashes();
  house.load({"crasher", "echo"});
  const auto crasher = house.model("crasher"), echo = house.model("echo");
  const int bystander = echo->status().workers.at(0).pid;
  const auto outcome = ask(crasher, R"({"mode":"close_descriptors"})");
  ASSERT_FALSE(outcome.output);
  const auto report = complete_report(house.options.crashes->store(), outcome.output.error().crash_report);
  ASSERT_TRUE(report);
  EXPECT_THAT((*report)["summary"].GetString(), HasSubstr("a descriptor that is not the plugin's was closed"));
  EXPECT_TRUE(ask(crasher, R"({"mode":"none"})").output);
  EXPECT_TRUE(ask(echo, R"({"text":"a"})").output);
  EXPECT_EQ(echo->status().restarts, 0U);
  EXPECT_EQ(echo->status().workers.at(0).pid, bystander);
}

TEST(Crash, OfAPackagesVersionTellsWhichAndItsLastWords) {
  House house;
  house.report_crashes();
  house.folder.write("models/parrot/7/model.yaml", "plugin: talker\n");
  house.load({"talker"});
  const auto outcome = ask(house.model("parrot"), R"({"log":"I was told","print":"I said","count":0,"die":true})");
  ASSERT_FALSE(outcome.output);
  const auto report = complete_report(house.options.crashes->store(), outcome.output.error().crash_report);
  ASSERT_TRUE(report);
  EXPECT_EQ(json::text_at(*report, "model"), "parrot");
  EXPECT_EQ(json::text_at(*report, "version"), "7");
  EXPECT_EQ(json::text_at((*report)["plugin"], "build_id"), build_id_of("talker"));
  const auto log = json::to_text((*report)["log"]);
  EXPECT_THAT(log, AllOf(HasSubstr("I was told"), HasSubstr("I said")));
}

TEST(Crash, WhileAModelIsMadeSaysSo) {
  House house;
  house.report_crashes();
  house.serving.restart_delay_min = house.serving.restart_delay_max = 1ms;
  house.load({"dies_on_create"});
  const auto entries = house.options.crashes->store().list();
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.front().model, "dies_on_create");
  EXPECT_THAT(entries.front().summary, HasSubstr("at create, plugin dies_on_create.so"));
}

TEST(Crash, IsNotWhatAModelThatIsNoLongerWantedDies) {
  House house;
  house.report_crashes();
  house.load({"echo", "sleeper", "fails_on_create"});
  auto running = submit(house.model("sleeper"), R"({"seconds":30})");
  ASSERT_TRUE(eventually([&] { return house.model("sleeper")->status().workers.at(0).state == "busy"; }));
  house.registry->drain(0ms);
  wait(std::move(running));
  EXPECT_EQ(house.options.crashes->store().list().size(), 0U);
}

TEST(Crash, KeepsWhatTheWorkerHadOnlyWhereThatIsAllowed) {
  for (const bool allowed : {false, true}) {
    House house;
    house.report_crashes(allowed);
    house.load({"crasher"});
    Call call;
    call.args_json = R"({"mode":"abort"})";
    call.files.push_back({"data", "../../evil", "image/png", Bytes("the file")});
    const auto outcome = wait(submit(house.model("crasher"), std::move(call)));
    ASSERT_FALSE(outcome.output);
    const auto& id = outcome.output.error().crash_report;
    ASSERT_TRUE(complete_report(house.options.crashes->store(), id));
    const auto folder = house.folder / "crashes" / (id + ".input");
    if (!allowed) {
      EXPECT_FALSE(std::filesystem::exists(folder));
      continue;
    }
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder / "0-file-0"); }));
    std::string kept;
    std::getline(std::ifstream(folder / "0-args.json"), kept);
    EXPECT_EQ(kept, R"({"mode":"abort"})");
    std::getline(std::ifstream(folder / "0-file-0"), kept);
    EXPECT_EQ(kept, "the file");
    EXPECT_EQ(std::filesystem::status(folder / "0-file-0").permissions(), std::filesystem::perms(0600));
    const auto report = complete_report(house.options.crashes->store(), id);
    EXPECT_EQ((*report)["input"].Size(), 2U);
  }
}

// Those that run: one that nobody has reaped yet is none.
int processes_in_group(int leader) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string stat;
    std::getline(std::ifstream(entry.path() / "stat"), stat);
    std::istringstream rest(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
    char state = 'Z';
    int parent = 0, group = 0;
    rest >> state >> parent >> group;
    if (rest && group == leader && state != 'Z') ++count;
  }
  return count;
}

TEST(Crash, LeavesNoChildOfThePluginBehind) {
  House house;
  house.report_crashes();
  house.serving.permissions.processes = true;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  EXPECT_TRUE(ask(crasher, R"({"mode":"fork"})").output);
  const int pid = crasher->status().workers.at(0).pid;
  EXPECT_EQ(processes_in_group(pid), 2);
  EXPECT_FALSE(ask(crasher, R"({"mode":"null"})").output);
  EXPECT_TRUE(eventually([&] { return processes_in_group(pid) == 0; }));
}

TEST(Crash, OfAProcessThatThePluginForkedIsNotTakenForTheWorkers) {
  House house;
  house.report_crashes();
  house.serving.permissions.processes = true;
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  EXPECT_TRUE(ask(crasher, R"({"mode":"crash_in_child"})").output);
  EXPECT_FALSE(ask(crasher, R"({"mode":"abort"})").output);
  const auto& store = house.options.crashes->store();
  ASSERT_TRUE(eventually([&] { return store.list().size() == 2; }));
  for (const auto& entry : store.list()) EXPECT_THAT(entry.summary, testing::StartsWith("SIGABRT"));
}

TEST(Crash, ByASignalFromOutsideNamesItsSender) {
  House house;
  house.report_crashes();
  house.load({"echo"});
  const auto echo = house.model("echo");
  EXPECT_TRUE(ask(echo, "{}").output);
  ::kill(echo->status().workers.at(0).pid, SIGSEGV);
  const auto& store = house.options.crashes->store();
  ASSERT_TRUE(eventually([&] { return !store.list().empty(); }));
  EXPECT_THAT(store.list().front().summary, HasSubstr("SIGSEGV (sent by process " + std::to_string(::getpid()) + ")"));
  EXPECT_THAT(store.list().front().summary, HasSubstr("at idle, plugin echo.so"));
}

TEST(Crash, IsMadeGoodWithinASecondWithItsReport) {
  House house;
  house.report_crashes();
  house.load({"crasher"});
  const auto crasher = house.model("crasher");
  for (const auto* mode : {"null", "stack_overflow"}) {
    EXPECT_FALSE(ask(crasher, std::string(R"({"mode":")") + mode + "\"}").output);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(ask(crasher, R"({"mode":"none"})").output);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took, 1s);
    RecordProperty(std::string("ms_after_") + mode, static_cast<int>(took / 1ms));
  }
}

TEST(Symbolize, GivesUpWhatTakesTooLong) {
  std::vector<StackFrame> stack(30);
  const auto done = symbolize(stack, "", "/bin/sleep", 50ms, nullptr);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::timeout);
}

TEST(Symbolize, NamesNothingInMapsThatAreNone) {
  if (!std::filesystem::exists(House::symbolizer())) GTEST_SKIP() << "there is no berth-symbolize";
  test::TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  const auto line = [](const std::string& path) { return "1000-2000 r-xp 00000000 00:00 7 " + path + "\n"; };
  for (const auto& maps : {std::string("nonsense\n"), line(folder / "fifo"), line("/dev/zero"), line("/etc/passwd"),
                           line("/nowhere"), std::string("1000-2000")}) {
    std::vector<StackFrame> stack(2);
    stack[0].address = stack[1].address = 0x1800;
    const auto done = symbolize(stack, maps, House::symbolizer(), 10s, nullptr);
    EXPECT_TRUE(done || done.error().code != Code::timeout) << maps;
    EXPECT_EQ(stack[0].function, "") << maps;
  }
}

}  // namespace
}  // namespace berth::hosting
