// SPDX-License-Identifier: Apache-2.0
#include "cli/crash_text.h"

#include <gmock/gmock.h>

namespace berth::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(CrashText, ListsWhatHappenedToWhichModel) {
  const auto table = format_crashes(R"([
    {"id":"20261122T041500-ab12cd34","time":"2026-11-22T04:15:00Z","model":"digits","version":"2","summary":"SIGSEGV in f"},
    {"id":"20261122T041400-00000000","time":"2026-11-22T04:14:00Z","model":"echo","version":"1","summary":"exit(0) was called"}])");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(*table,
            "ID                        MODEL   VERSION  WHAT HAPPENED\n"
            "20261122T041500-ab12cd34  digits  2        SIGSEGV in f\n"
            "20261122T041400-00000000  echo    1        exit(0) was called\n");
  EXPECT_EQ(*format_crashes("[]"), "no crash reports\n");
}

TEST(CrashText, ShowsAReportWithThePluginsOwnFramesMarked) {
  const auto text = format_crash(R"json({"id":"20261122T041500-ab12cd34","time":"2026-11-22T04:15:00Z","model":"digits",
    "version":"2","type":null,"summary":"SIGSEGV (null pointer) in f (f.cpp:7)","complete":true,
    "cause":{"kind":"signal","signal":"SIGSEGV","code":"SEGV_MAPERR","address":"0x0","exit_code":null,
             "killed_because":null,"process_state":null,"what":null},
    "doing":"predict_data","request_ids":["a","b"],"plugin":{"path":"/p/x.so","build_id":"beef","sha256":"12"},
    "package":"/m/digits/2","pid":7,"thread":"berth-worker",
    "stack":[{"function":"f()","file":"/s/f.cpp","line":7,"module":"/p/x.so","offset":"0x10","plugin":true},
             {"function":null,"file":null,"line":null,"module":"/lib/libc.so.6","offset":"0x20","plugin":false}],
    "log":["before\u001b[31m"],"input":["/c/0-args.json"]})json");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, HasSubstr("SIGSEGV (null pointer) in f (f.cpp:7)\n\nid"));
  EXPECT_THAT(*text, HasSubstr("model     digits, version 2\n"));
  EXPECT_THAT(*text, HasSubstr("requests  a, b\n"));
  EXPECT_THAT(*text, HasSubstr("* 0  f()  /s/f.cpp:7\n  1  ??  /lib/libc.so.6+0x20\n"));
  EXPECT_THAT(*text, HasSubstr("  before?[31m\n"));
  EXPECT_THAT(*text, HasSubstr("  /c/0-args.json\n"));
  EXPECT_THAT(*text, Not(HasSubstr("exit code")));
}

TEST(CrashText, RefusesWhatIsNoReport) {
  for (const auto* text : {"", "<html>", "1", "[1"}) {
    EXPECT_FALSE(format_crashes(text)) << text;
    EXPECT_FALSE(format_crash(text)) << text;
  }
  EXPECT_TRUE(format_crashes("[{}, 1]"));
  EXPECT_TRUE(format_crash(R"({"stack":[1],"log":[2],"cause":3,"plugin":4})"));
}

}  // namespace
}  // namespace berth::cli
