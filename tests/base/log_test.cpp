// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/terminal.h"

namespace berth {
namespace {

std::string written(log::Format format, log::Level level, std::string_view message, const log::Context& context = {}) {
  testing::internal::CaptureStderr();
  log::open(log::Level::info, format);
  log::write(level, message, context);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonObjectALineWithWhatItBelongsTo) {
  const auto line = written(log::Format::json, log::Level::warning, "said \"no\"\n",
                            {.request_id = "r1", .model = "digits", .component = "net"});
  ASSERT_EQ(line.back(), '\n');
  const auto document = json::parse(std::string_view(line).substr(0, line.size() - 1));
  ASSERT_TRUE(document) << line;
  EXPECT_EQ(json::view((*document)["level"]), "warning");
  EXPECT_EQ(json::view((*document)["message"]), "said \"no\"\n");
  EXPECT_EQ(json::view((*document)["request_id"]), "r1");
  EXPECT_EQ(json::view((*document)["model"]), "digits");
  EXPECT_EQ(json::view((*document)["component"]), "net");
  EXPECT_TRUE(document->HasMember("time"));
}

TEST(Log, EscapesLineBreaksSoThatNoLineCanBeForged) {
  const auto line = written(log::Format::text, log::Level::info, "a\nerror   forged", {.request_id = "r1"});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  EXPECT_NE(line.find("info    a\\x0aerror   forged request=r1"), std::string::npos) << line;
}

TEST(Log, IsJsonByItselfWhereAFileOrAPipeTakesIt) {
  const auto line = written(log::Format::automatic, log::Level::info, "hello");
  const auto document = json::parse(line);
  ASSERT_TRUE(document) << line;
  EXPECT_EQ(json::view((*document)["message"]), "hello");
}

TEST(Log, IsTextByItselfOnATerminal) {
  test::Terminal terminal;
  log::open(log::Level::info, log::Format::automatic);
  log::info("hello");
  const auto text = terminal.text();
  EXPECT_NE(text.find(" info    hello"), text.npos) << text;
  EXPECT_EQ(text.find('{'), text.npos) << text;
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) { EXPECT_EQ(written(log::Format::text, log::Level::debug, "quiet"), ""); }

TEST(Log, KeepsRecentLinesWhereAsked) {
  testing::internal::CaptureStderr();
  log::open(log::Level::info, log::Format::text);
  EXPECT_EQ(log::recent(), "");
  log::keep_recent(64 * 1024);
  log::info("first");
  log::info("second");
  testing::internal::GetCapturedStderr();
  const auto recent = log::recent();
  EXPECT_LT(recent.find("first"), recent.find("second"));
}

TEST(Log, KeepsNoMoreThanTheBytesAskedFor) {
  testing::internal::CaptureStderr();
  log::open(log::Level::info, log::Format::json);
  log::keep_recent(4096);
  for (int i = 0; i < 100; ++i) log::info("line " + std::to_string(i) + std::string(200, 'x'));
  log::info(std::string(5000, 'y'));
  log::info("the last");
  testing::internal::GetCapturedStderr();
  const auto recent = log::recent();
  EXPECT_LE(recent.size(), 4096u);
  EXPECT_EQ(recent.find('y'), std::string::npos);
  ASSERT_FALSE(recent.empty());
  EXPECT_TRUE(json::parse(std::string_view(recent).substr(0, recent.size() - 1))) << recent;
}

TEST(Log, NamesTheLevelsItKnows) {
  EXPECT_EQ(*log::parse_level("error"), log::Level::error);
  const auto wrong = log::parse_level("loud");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "log level 'loud' is none of trace, debug, info, warning, error");
}

}  // namespace
}  // namespace berth
