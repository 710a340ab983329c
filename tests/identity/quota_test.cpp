// SPDX-License-Identifier: Apache-2.0
#include "identity/quota.h"

#include <gmock/gmock.h>

namespace berth::identity {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string mistake(const std::string& json) {
  const auto quota = Quota::parse(json);
  if (quota) return "(none)";
  EXPECT_EQ(quota.error().code, Code::invalid_argument);
  return quota.error().message;
}

TEST(Quota, OfNoMembersIsNoLimit) {
  EXPECT_EQ(*Quota::parse("{}"), Quota{});
  EXPECT_TRUE(Quota::parse("{}")->is_unlimited());
  EXPECT_EQ(Quota{}.to_json(), "{}");
}

TEST(Quota, ReadsEveryMember) {
  const auto quota = Quota::parse(
      R"({"requests_per_second":5,"burst":20,"requests_per_minute":60,"requests_per_hour":1000,"requests_per_day":9000,
          "bytes_per_minute":"64kB","bytes_per_hour":1000000,"bytes_per_day":"1GiB","concurrent":2})");
  ASSERT_TRUE(quota) << quota.error().message;
  EXPECT_EQ(*quota, (Quota{.requests_per_second = 5,
                           .burst = 20,
                           .requests_per_minute = 60,
                           .requests_per_hour = 1000,
                           .requests_per_day = 9000,
                           .bytes_per_minute = 64'000,
                           .bytes_per_hour = 1'000'000,
                           .bytes_per_day = std::uint64_t{1} << 30,
                           .concurrent = 2}));
  EXPECT_FALSE(quota->is_unlimited());
}

TEST(Quota, WritesWhatItReads) {
  for (const auto* json : {R"({"requests_per_second":5,"burst":20})", R"({"requests_per_day":1000000000})",
                           R"({"requests_per_minute":1,"requests_per_hour":2,"bytes_per_minute":3,"bytes_per_hour":4})",
                           R"({"bytes_per_day":1125899906842624,"concurrent":1})"}) {
    const auto quota = Quota::parse(json);
    ASSERT_TRUE(quota) << json;
    EXPECT_EQ(quota->to_json(), json);
  }
  EXPECT_EQ(Quota::parse(R"({"bytes_per_day":"1KiB"})")->to_json(), R"({"bytes_per_day":1024})");
}

TEST(Quota, LetsThroughAtOnceAsManyAsInASecondUnlessItSaysAnother) {
  EXPECT_EQ(Quota::parse(R"({"requests_per_second":5})")->bucket(), 5U);
  EXPECT_EQ(Quota::parse(R"({"requests_per_second":5,"burst":1})")->bucket(), 1U);
}

TEST(Quota, NamesTheMemberThatIsWrong) {
  EXPECT_EQ(mistake(R"({"requests_per_minute":-1})"),
            "quota.requests_per_minute: expected an integer 1..1000000000; leave it out for no limit");
  EXPECT_EQ(mistake(R"({"bytes_per_hour":"lots"})"),
            "quota.bytes_per_hour: expected a number of bytes or a size such as 64MiB, 1..1048576GiB; leave it out for "
            "no limit");
  EXPECT_THAT(mistake(R"({"concurrent":2,"colour":1})"),
              StartsWith("quota.colour: unknown, expected any of requests_"));
  EXPECT_EQ(mistake(R"({"concurrent":2,"concurrent":3})"), "quota.concurrent: it is there twice");
  EXPECT_EQ(mistake(R"({"burst":20})"), "quota.burst: it needs requests_per_second");
}

TEST(Quota, RefusesWhatIsNoCount) {
  for (const auto* value : {"0", "1.5", "1e3", "\"5\"", "\"1MiB\"", "null", "true", "[1]", "{}", "1000001"}) {
    EXPECT_THAT(mistake(std::string(R"({"requests_per_second":)").append(value).append("}")),
                StartsWith("quota.requests_per_second: expected an integer 1..1000000;"))
        << value;
  }
  for (const auto* value : {"0", "\"0\"", "\"-1\"", "\"\"", "1125899906842625", "\"1048577GiB\"", "2.0"}) {
    EXPECT_THAT(mistake(std::string(R"({"bytes_per_day":)").append(value).append("}")),
                StartsWith("quota.bytes_per_day: expected a number of bytes"))
        << value;
  }
}

TEST(Quota, RefusesWhatIsNoObject) {
  for (const auto* json : {"", "[]", "5", "{", "{}{}", "null"}) {
    EXPECT_THAT(mistake(json), HasSubstr("quota: expected an object")) << json;
  }
}

}  // namespace
}  // namespace berth::identity
