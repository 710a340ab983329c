// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace berth {
namespace {

std::string round_trip(std::string_view text) {
  auto document = json::parse(text);
  return document ? json::to_text(*document) : "error: " + document.error().message;
}

TEST(Json, ReadsAndWritesWhatItIsGiven) {
  EXPECT_EQ(round_trip(R"({"a":[1,2.5,true,null,"\u00e4"]})"), "{\"a\":[1,2.5,true,null,\"\xc3\xa4\"]}");
}

TEST(Json, NamesTheByteWhereItStopsBeingJson) {
  const auto document = json::parse("{bad");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, Code::invalid_argument);
  EXPECT_NE(document.error().message.find("at byte 1"), std::string::npos) << document.error().message;
}

TEST(Json, RefusesTrailingTextEmptyTextAndBadUtf8) {
  EXPECT_FALSE(json::parse("{} x"));
  EXPECT_FALSE(json::parse(""));
  EXPECT_FALSE(json::parse("\"\xff\""));
}

TEST(Json, RefusesDeepNestingWithoutRecursion) {
  EXPECT_TRUE(json::parse(std::string(64, '[') + std::string(64, ']')));
  const auto deep = json::parse(std::string(65, '[') + std::string(65, ']'));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("deeper"), std::string::npos);
  EXPECT_FALSE(json::parse(std::string(1'000'000, '[')));
}

TEST(Json, RefusesMoreValuesThanItMayHold) {
  EXPECT_TRUE(json::parse(R"({"a":[1,null]})", false, 4));
  const auto many = json::parse(R"({"a":[1,null,""]})", false, 4);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Code::too_large);
  EXPECT_EQ(many.error().message, "JSON holds more than 4 values");
  std::string million = "[0";
  for (int i = 0; i < 1'000'000; ++i) million += ",0";
  EXPECT_FALSE(json::parse(million + "]"));
}

TEST(Json, TakesNanOnlyWhereAllowedAndWritesItAsNull) {
  EXPECT_FALSE(json::parse("[NaN]"));
  const auto document = json::parse("[NaN,Infinity,-Infinity]", true);
  ASSERT_TRUE(document);
  EXPECT_EQ(json::to_text(*document), "[null,null,null]");
}

TEST(Json, FindsMembersOfObjectsOnly) {
  const auto document = json::parse(R"({"a":1})");
  ASSERT_TRUE(document);
  ASSERT_NE(json::find(*document, "a"), nullptr);
  EXPECT_EQ(json::find(*document, "b"), nullptr);
  EXPECT_EQ(json::find(*json::find(*document, "a"), "a"), nullptr);
}

TEST(Json, QuotesControlCharacters) { EXPECT_EQ(json::quote("a\"\n"), R"("a\"\n")"); }

}  // namespace
}  // namespace berth
