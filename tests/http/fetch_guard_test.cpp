// SPDX-License-Identifier: Apache-2.0
#include "http/fetch_guard.h"

#include <gmock/gmock.h>

namespace berth::http {
namespace {

using testing::HasSubstr;

FetchGuard guard(const std::vector<std::string>& allow = {}) {
  return *FetchGuard::create(allow, [] { return std::vector<Address>{*parse_address("8.8.4.4")}; });
}

bool allows(const FetchGuard& guard, const std::string& host, std::uint16_t port, const std::string& address) {
  return guard.check_address({.host = host, .port = port}, *parse_address(address)).has_value();
}

TEST(FetchGuard, TakesUrlsApart) {
  const auto target = guard().check_url("https://Example.ORG/a/b%20c.png?x=1#y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->host, "example.org");
  EXPECT_EQ(target->port, 443);
  EXPECT_EQ(target->file_name, "b c.png");
  EXPECT_EQ(guard().check_url("http://[2606:4700::1111]:8080/")->host, "2606:4700::1111");
  EXPECT_EQ(guard().check_url("http://[2606:4700::1111]:8080/")->port, 8080);
  EXPECT_EQ(guard().check_url("http://h/..%2F..%2Fetc%2Fpasswd")->file_name, "passwd");
  EXPECT_EQ(guard().check_url("http://h/%2e%2e")->file_name, "");
}

TEST(FetchGuard, RefusesOtherSchemesAndCredentials) {
  for (const auto* url : {"file:///etc/passwd", "ftp://h/x", "gopher://h/x", "dict://h/x", "HTTPX://h/",
                          "http://user@h/", "http://user:password@h/", "http://:password@h/"}) {
    const auto target = guard().check_url(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().code, Code::forbidden) << url;
  }
}

TEST(FetchGuard, RefusesWhatIsNoUrl) {
  for (const std::string url : {"", "nothing", "/etc/passwd", "http://", "http://h:0/", "http://h:65536/",
                                "http://h/a b", "http://h/\r\nX: y", "http://[fe80::1%25eth0]/"}) {
    const auto target = guard().check_url(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().code, Code::invalid_argument) << url;
  }
  EXPECT_FALSE(guard().check_url("http://h/" + std::string(10'000, 'x')));
}

TEST(FetchGuard, RefusesSpecialAndOwnAddressesWithTheRange) {
  const auto refused = guard().check_address({.host = "h", .port = 80}, *parse_address("10.0.0.1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_THAT(refused.error().message, HasSubstr("private"));
  EXPECT_FALSE(allows(guard(), "h", 80, "::ffff:8.8.8.8"));
  EXPECT_FALSE(allows(guard(), "h", 80, "8.8.4.4"));
  EXPECT_TRUE(allows(guard(), "h", 80, "8.8.8.8"));
}

TEST(FetchGuard, AllowsWhatTheListNamesAndNothingElse) {
  const auto by_port = guard({"127.0.0.1:8000"});
  EXPECT_TRUE(allows(by_port, "h", 8000, "127.0.0.1"));
  EXPECT_FALSE(allows(by_port, "h", 8001, "127.0.0.1"));
  EXPECT_FALSE(allows(by_port, "h", 8000, "127.0.0.2"));

  const auto by_host = guard({"Files.internal"});
  EXPECT_TRUE(allows(by_host, "files.internal", 1, "10.0.0.1"));
  EXPECT_FALSE(allows(by_host, "other.internal", 1, "10.0.0.1"));
  EXPECT_TRUE(allows(guard({"files.internal:9"}), "files.internal", 9, "10.0.0.1"));
  EXPECT_FALSE(allows(guard({"files.internal:9"}), "files.internal", 10, "10.0.0.1"));

  const auto by_range = guard({"10.1.0.0/16", "fd00::/8", "[::1]:7"});
  EXPECT_TRUE(allows(by_range, "h", 1, "10.1.2.3"));
  EXPECT_FALSE(allows(by_range, "h", 1, "10.2.0.0"));
  EXPECT_TRUE(allows(by_range, "h", 1, "fd12::1"));
  EXPECT_TRUE(allows(by_range, "h", 7, "::1"));
  EXPECT_FALSE(allows(by_range, "h", 8, "::1"));
}

TEST(FetchGuard, SaysWhichEntryOfTheListIsNone) {
  for (const auto* entry : {"", ":80", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "h:0", "h:x", "h:65536", "a b",
                            "http://h", "[::1", "[::1]x", "h/8"}) {
    const auto made = FetchGuard::create({entry});
    ASSERT_FALSE(made) << entry;
    EXPECT_EQ(made.error().code, Code::invalid_argument);
    EXPECT_THAT(made.error().message, HasSubstr(std::string("\"").append(entry).append("\"")));
  }
}

}  // namespace
}  // namespace berth::http
