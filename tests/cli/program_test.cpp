// SPDX-License-Identifier: Apache-2.0
// The program `berth` as a user calls it: what it prints and what it ends with.
#include <gmock/gmock.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <regex>
#include <sstream>
#include <string>

#include "base/json.h"
#include "support/command.h"
#include "support/temp_folder.h"

namespace berth::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// stdout and stderr together where `errors` says so.
test::Ended berth(const std::string& arguments, bool errors = true) {
  return test::run(std::string(BERTH_PROGRAM " ").append(arguments).append(errors ? " 2>&1" : " 2>/dev/null"));
}

// A plugins folder with one plugin alone.
std::string folders(const test::TempFolder& folder, const std::filesystem::path& plugin = BERTH_GREETER) {
  std::filesystem::create_directories(folder / "plugins");
  std::filesystem::create_directories(folder / "models");
  const auto link = folder / "plugins" / plugin.filename();
  if (!std::filesystem::exists(link)) std::filesystem::create_symlink(plugin, link);
  return std::string(" --plugins-dir ")
      .append((folder / "plugins").string())
      .append(" --models-dir ")
      .append((folder / "models").string());
}

TEST(Program, SaysWhatAMachineHasAndWhatKeepsWorkers) {
  const test::TempFolder folder;
  const auto healthy = berth("doctor --listen-port 0" + folders(folder));
  EXPECT_EQ(healthy.code, 0) << healthy.output;
  for (const auto* word : {"kernel", "Landlock", "berth-worker", "a worker's walls", "shared memory", "BLAS"}) {
    EXPECT_THAT(healthy.output, HasSubstr(word));
  }
  folder.write("off.yaml", "defaults:\n  confinement: off\n");
  const auto off = berth("doctor --listen-port 0 --config " + (folder / "off.yaml").string() + folders(folder));
  EXPECT_EQ(off.code, 0) << off.output;
  EXPECT_THAT(off.output, HasSubstr("defaults.confinement is off"));
  const auto lacking = berth("doctor --listen-port 0 --plugins-dir " + (folder / "nowhere").string());
  EXPECT_EQ(lacking.code, 1) << lacking.output;
  EXPECT_THAT(lacking.output, HasSubstr("set server.plugins_dirs"));
}

// What doctor found of `what`; "" where it has no such line.
std::string found_of(const std::string& output, const std::string& what) {
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (const auto at = line.find("  " + what + "  "); at != std::string::npos)
      return line.substr(at + what.size() + 4);
  }
  return "";
}

TEST(Program, SaysOfAWorkersWallsWhatIsTrueOnThisKernel) {
  constexpr std::uint32_t kAbiVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION
  const auto landlock = std::max(0L, ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAbiVersion));
  const std::uint32_t refusal = SECCOMP_RET_ERRNO;
  const bool filters = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &refusal) == 0;
  const test::TempFolder folder;
  const auto said = berth("doctor --listen-port 0" + folders(folder)).output;
  const auto abi = landlock == 0 ? std::string("none") : "ABI " + std::to_string(landlock);
  EXPECT_THAT(found_of(said, "Landlock"), HasSubstr(abi));
  EXPECT_THAT(found_of(said, "system call filter"), HasSubstr(filters ? "there" : "none"));
  const auto walls = found_of(said, "a worker's walls");
  const auto kept = found_of(said, "kept from a worker"), open = found_of(said, "open to a worker");
  EXPECT_EQ(walls.find("Landlock " + std::to_string(landlock)) != std::string::npos, landlock > 0) << walls;
  EXPECT_EQ(walls.find("system call filter") != std::string::npos, filters) << walls;
  EXPECT_THAT(landlock > 0 ? kept : open, AllOf(HasSubstr("reading files of others"), HasSubstr("writing outside")));
  EXPECT_THAT(filters ? kept : open, HasSubstr("the network"));

  folder.write("open.yaml", "defaults:\n  network: true\n");
  const auto opened = berth("doctor --listen-port 0 --config " + (folder / "open.yaml").string() + folders(folder));
  EXPECT_THAT(found_of(opened.output, "open to a worker"), HasSubstr("the network"));
}

TEST(Program, ExplainsItselfAndItsCommands) {
  const auto help = berth("--help");
  EXPECT_EQ(help.code, 0);
  for (const auto* word : {"serve", "ls", "describe", "test", "predict", "new", "Exit codes"}) {
    EXPECT_THAT(help.output, HasSubstr(word));
  }
  for (const auto* command : {"serve", "ls", "describe", "test", "predict", "new"}) {
    const auto page = berth(std::string(command).append(" --help"));
    EXPECT_EQ(page.code, 0) << command;
    EXPECT_THAT(page.output, HasSubstr("Examples:")) << command;
  }
  EXPECT_EQ(berth("--version").code, 0);
}

TEST(Program, ItsPageNamesEveryOptionOfServe) {
  const auto help = berth("serve --help").output;
  const auto page = test::read_file(BERTH_SOURCE_DIR "/docs/command-line.md");
  const std::regex option("--[a-z][a-z-]+");
  for (auto at = std::sregex_iterator(help.begin(), help.end(), option); at != std::sregex_iterator(); ++at) {
    EXPECT_THAT(page, HasSubstr(at->str()));
  }
  EXPECT_THAT(help, HasSubstr("--state-dir"));
}

TEST(Program, EndsWith2WhereItWasCalledWrongly) {
  for (const auto* arguments :
       {"", "nonsense", "serve --nonsense", "serve --listen-port 65536", "serve --listen-ip x",
        "serve --config /none.yaml", "describe", "predict", "predict m none.png", "new A", "ls --url nowhere",
        "ls --url http://127.0.0.1:1 --models-dir x", "ls --url http://127.0.0.1:1 /tmp", "ls /none"}) {
    const auto ended = berth(arguments);
    EXPECT_EQ(ended.code, 2) << arguments << "\n" << ended.output;
    EXPECT_FALSE(ended.output.empty()) << arguments;
  }
}

TEST(Program, NamesTheLineOfABadConfiguration) {
  const test::TempFolder folder;
  const auto file = folder.write("berth.yaml", "server:\n  prot: 1\n");
  const auto ended = berth("serve --config " + file.string());
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.output, HasSubstr("berth.yaml:2: server.prot: unknown key, did you mean port?"));
}

TEST(Program, EndsWith1WhereNothingCouldBeDone) {
  for (const auto* arguments :
       {"describe /none.so", "ls --url http://127.0.0.1:1", "predict m x=1 --url http://127.0.0.1:1"}) {
    const auto ended = berth(arguments);
    EXPECT_EQ(ended.code, 1) << arguments << "\n" << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("berth: ")) << arguments;
  }
}

TEST(Program, DescribesAPlugin) {
  const auto table = berth("describe " BERTH_GREETER, false);
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.output, AllOf(HasSubstr("greeter"), HasSubstr("predict_data")));
  const auto json = berth("describe --json " BERTH_GREETER, false);
  EXPECT_EQ(json.code, 0);
  const auto document = json::parse(json.output);
  ASSERT_TRUE(document) << json.output;
  EXPECT_EQ(json::view(*json::find(*document, "name")), "greeter");
}

TEST(Program, NamesEachThingThatKeepsAPluginFromLoadingOnALineOfItsOwn) {
  const test::TempFolder folder;
  auto bytes = test::read_file(BERTH_GREETER);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"libstdc++.so.6", "libnowhere.so9"},
                                 std::pair<std::string, std::string>{"berth_plugin_entry", "berth_plugin_exitt"}}) {
    for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from)) bytes.replace(at, from.size(), to);
  }
  const auto ended = berth("describe " + folder.write("broken.so", bytes).string());
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("berth: it exports no berth_plugin_entry; "),
                                  HasSubstr("\nberth: it needs libnowhere.so9, which is not found; ")));
}

TEST(Program, ChecksAPlugin) {
  const auto passed = berth("test " BERTH_GREETER, false);
  EXPECT_EQ(passed.code, 0) << passed.output;
  EXPECT_THAT(passed.output, AllOf(HasSubstr("ok    greeter.answer"), HasSubstr("0 failed")));
  const auto failed = berth("test " BERTH_PROGRAM);
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.output, HasSubstr("FAIL  library: "));
}

TEST(Program, ListsAndAsksModelsWithoutAServer) {
  const test::TempFolder folder;
  const auto where = folders(folder);
  const auto list = berth("ls" + where, false);
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.output, AllOf(HasSubstr("greeter"), HasSubstr("ready"), HasSubstr("1 idle")));
  const auto list_json = berth("ls --json" + where, false);
  EXPECT_TRUE(json::parse(list_json.output)) << list_json.output;

  const auto in_folder = berth("ls " + (folder / "plugins").string());
  EXPECT_EQ(in_folder.code, 0) << in_folder.output;
  EXPECT_THAT(in_folder.output, AllOf(HasSubstr("greeter"), HasSubstr("1 idle"), Not(HasSubstr("digits"))));

  const auto greeting = berth("predict greeter name=World" + where, false);
  EXPECT_EQ(greeting.code, 0);
  EXPECT_THAT(greeting.output, HasSubstr("Hello World"));
  EXPECT_EQ(greeting.output.find("\"status\""), std::string::npos);
  EXPECT_THAT(berth("predict greeter name=World --json" + where, false).output, HasSubstr("\"status\":\"OK\""));

  const auto invalid = berth("predict greeter" + where);
  EXPECT_EQ(invalid.code, 1);
  EXPECT_THAT(invalid.output, HasSubstr("greeter: status 422"));
  EXPECT_EQ(berth("predict nobody x=1" + where).code, 1);
}

// The argument of the example in `text` that asks a model by URL.
std::string url_argument_in(const std::string& text) {
  const auto at = text.find("=https://example.org/7.png");
  if (at == text.npos) return "";
  const auto begin = text.rfind(' ', at) + 1;
  return text.substr(begin, text.find_first_of(" \n", at) - begin);
}

TEST(Program, AsksByUrlAsItsHelpAndItsPageSay) {
  const test::TempFolder folder;
  const auto where = folders(folder, BERTH_TWO_MODELS);
  for (const auto& text : {berth("predict --help").output, test::read_file(BERTH_SOURCE_DIR "/docs/command-line.md")}) {
    const auto counted = berth("predict url-counter " + url_argument_in(text) + where);
    EXPECT_EQ(counted.code, 0) << counted.output;
    EXPECT_TRUE(counted.output.ends_with("\n1\n")) << url_argument_in(text) << "\n" << counted.output;
  }
}

TEST(Program, BeginsAProjectFromTheTemplate) {
  const test::TempFolder folder;
  const auto project = folder / "my_model";
  const auto made = berth("new my_model --dir " + project.string());
  EXPECT_EQ(made.code, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("berth test"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(project)) {
    if (!entry.is_regular_file()) continue;
    const auto text = test::read_file(entry.path());
    EXPECT_EQ(text.find("@NAME@"), text.npos) << entry.path();
    EXPECT_EQ(text.find("@CLASS@"), text.npos) << entry.path();
  }
  EXPECT_EQ(berth("new my_model --dir " + project.string()).code, 1) << "a second time";
}

}  // namespace
}  // namespace berth::cli
