// SPDX-License-Identifier: Apache-2.0
#include "http/fetch_guard.h"

#include <gmock/gmock.h>

namespace berth::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

FetchGuard guard_with(const FetchRules& rules) {
  return *FetchGuard::create(rules, [] { return std::vector<Address>{*parse_address("8.8.4.4")}; });
}

FetchGuard guard(const std::vector<std::string>& allow = {}) { return guard_with({.allow = allow}); }

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
  for (const std::string url :
       {"", "nothing", "/etc/passwd", "http://", "http://h:0/", "http://h:65536/", "http://h/a b", "http://h/\r\nX: y",
        "http://[fe80::1%25eth0]/", "http://\xC3\xBC.example/", "http://%C3%BC.example/"}) {
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

TEST(FetchGuard, RefusesEveryAddressOfThisMachineUnlessItIsAllowed) {
  const auto here = *FetchGuard::create({});
  ASSERT_FALSE(own_addresses().empty());
  for (const auto& address : own_addresses()) {
    EXPECT_FALSE(here.check_address({.host = "h", .port = 80}, address)) << to_string(address);
    EXPECT_TRUE(guard({to_string(address)}).check_address({.host = "h", .port = 80}, address)) << to_string(address);
  }
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
    for (const bool denies : {false, true}) {
      FetchRules rules;
      (denies ? rules.deny : rules.allow).emplace_back(entry);
      const auto made = FetchGuard::create(rules);
      ASSERT_FALSE(made) << entry;
      EXPECT_EQ(made.error().code, Code::invalid_argument);
      EXPECT_THAT(made.error().message, StartsWith(denies ? "fetch.deny: " : "fetch.allow: "));
      EXPECT_THAT(made.error().message, HasSubstr(std::string("\"").append(entry).append("\"")));
    }
  }
}

TEST(FetchGuard, DeniesWhatTheListNamesAlsoWhereItIsAllowed) {
  const auto made = guard_with(
      {.allow = {"10.0.0.0/8", "files.internal"}, .deny = {"10.1.0.0/16", "203.0.114.7", "files.internal:9"}});
  EXPECT_TRUE(allows(made, "h", 80, "10.2.0.1"));
  EXPECT_FALSE(allows(made, "h", 80, "10.1.2.3"));
  EXPECT_FALSE(allows(made, "files.internal", 80, "10.1.2.3"));
  EXPECT_TRUE(allows(made, "files.internal", 80, "192.168.0.1"));
  EXPECT_FALSE(allows(made, "files.internal", 9, "192.168.0.1"));
  EXPECT_FALSE(allows(made, "h", 80, "203.0.114.7"));
  EXPECT_TRUE(allows(made, "h", 80, "203.0.114.8"));
  const auto refused = made.check_address({.host = "h", .port = 80}, *parse_address("10.1.0.1"));
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_THAT(refused.error().message, HasSubstr("h is among the servers that are not fetched from"));
}

TEST(FetchGuard, DeniesAnAddressInEveryFormThatCarriesIt) {
  const auto made = guard_with({.allow = {"::/0"}, .deny = {"10.1.0.0/16"}});
  for (const auto* address : {"::ffff:10.1.2.3", "::10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1",
                              "2001:0:4136:e378:8000:63bf:f5fe:fdfc"}) {
    EXPECT_FALSE(allows(made, "h", 80, address)) << address;
  }
  EXPECT_TRUE(allows(made, "h", 80, "::ffff:10.2.2.3"));
}

TEST(FetchGuard, DeniesANameHoweverItIsWrittenAndBeforeItIsLookedUp) {
  const auto made =
      guard_with({.deny = {"Files.Example.org", "xn--bcher-kva.example.", "192.0.43.0/24", "[2606::1]:80"}});
  for (const auto* url :
       {"http://files.example.org/", "http://FILES.example.ORG./", "https://files%2Eexample.org/x",
        "http://XN--BCHER-KVA.example/", "http://192.0.43.8/", "http://3221236488/", "http://0xc0.0.053.8/",
        "http://[2606::1]/", "http://[2606:0::0:1]:80/", "http://[::ffff:192.0.43.8]/"}) {
    const auto target = made.check_url(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().code, Code::forbidden) << url;
  }
  for (const auto* url : {"http://www.files.example.org/", "http://example.org/", "http://[2606::1]:81/"}) {
    EXPECT_TRUE(made.check_url(url)) << url;
  }
}

TEST(FetchGuard, FetchesFromNothingButTheListWhereThatIsSaid) {
  const auto made = guard_with({.allow = {"10.0.0.0/8", "files.example"}, .only_allowed = true});
  EXPECT_TRUE(allows(made, "h", 80, "10.0.0.1"));
  EXPECT_TRUE(allows(made, "files.example", 80, "8.8.8.8"));
  EXPECT_FALSE(allows(made, "h", 80, "8.8.8.8"));
  EXPECT_FALSE(allows(guard_with({.only_allowed = true}), "h", 80, "8.8.8.8"));
  const auto refused = made.check_address({.host = "h", .port = 80}, *parse_address("8.8.8.8"));
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_THAT(refused.error().message, HasSubstr("h is not among the servers that are fetched from"));
}

}  // namespace
}  // namespace berth::http
