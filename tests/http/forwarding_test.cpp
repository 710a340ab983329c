// SPDX-License-Identifier: Apache-2.0
#include "http/forwarding.h"

#include <gmock/gmock.h>

#include <random>
#include <string_view>
#include <vector>

namespace berth::http {
namespace {

constexpr const char* kProxy = "10.0.0.1";
constexpr const char* kOriginal = "203.0.113.9";

std::vector<Network> networks(std::initializer_list<const char*> texts) {
  std::vector<Network> result;
  for (const auto* text : texts) result.push_back(*parse_network(text));
  return result;
}

// What is believed with 10.0.0.0/8, fd00::/8 and the loopback trusted.
std::optional<Forwarding> read(const Pairs& headers, const std::string& peer = kProxy) {
  return read_forwarding(headers, peer, networks({"10.0.0.0/8", "fd00::/8", "127.0.0.1"}));
}
// The client; "" where nothing is believed.
std::string client(const Pairs& headers, const std::string& peer = kProxy) {
  const auto told = read(headers, peer);
  return told ? told->client : "";
}
std::string usual(const std::string& value) { return client({{"x-forwarded-for", value}}); }
std::string standard(const std::string& value) { return client({{"forwarded", value}}); }

TEST(Forwarding, IsBelievedOfTrustedPeersOnly) {
  const Pairs headers{{"x-forwarded-for", kOriginal}};
  EXPECT_EQ(client(headers), kOriginal);
  EXPECT_EQ(client(headers, "::ffff:10.0.0.1"), kOriginal) << "an IPv4 client of a server that listens on ::";
  EXPECT_EQ(client(headers, "fd00::7"), kOriginal);
  for (const auto* peer : {"192.0.2.1", "11.0.0.1", "::ffff:192.0.2.1", "fe80::1", "", "nobody"}) {
    EXPECT_EQ(client(headers, peer), "") << peer;
  }
  EXPECT_FALSE(read_forwarding(headers, kProxy, {}));
  EXPECT_EQ(client({{"x-real-ip", kOriginal}, {"via", "1.1 proxy"}}), "");
}

TEST(Forwarding, TakesTheRightMostAddressThatIsNotTrusted) {
  EXPECT_EQ(usual("198.51.100.1, 203.0.113.9"), kOriginal) << "the left one is what the client wrote";
  EXPECT_EQ(usual("127.0.0.1, 203.0.113.9"), kOriginal);
  EXPECT_EQ(usual("198.51.100.1, 203.0.113.9, 10.0.0.3, 10.0.0.2"), kOriginal);
  EXPECT_EQ(usual("garbage, \"open, 203.0.113.9"), kOriginal) << "nor can a client hide by writing nonsense";
  EXPECT_EQ(standard("for=198.51.100.1, for=203.0.113.9"), kOriginal);
  EXPECT_EQ(standard("for=198.51.100.1, for=203.0.113.9;by=10.0.0.2, for=10.0.0.2"), kOriginal);
}

TEST(Forwarding, TakesTheLeftMostAddressWhereAllAreTrusted) {
  EXPECT_EQ(usual("10.0.0.4"), "10.0.0.4");
  EXPECT_EQ(usual("10.0.0.4, 10.0.0.3"), "10.0.0.4");
  EXPECT_EQ(client({{"x-forwarded-for", "127.0.0.1"}}, "127.0.0.1"), "127.0.0.1");
}

TEST(Forwarding, ReadsRepeatedHeadersAsOneChain) {
  EXPECT_EQ(client({{"x-forwarded-for", "198.51.100.1"}, {"host", "h"}, {"x-forwarded-for", kOriginal}}), kOriginal);
  EXPECT_EQ(client({{"x-forwarded-for", "198.51.100.1, 203.0.113.9"}, {"x-forwarded-for", "10.0.0.2"}}), kOriginal);
  EXPECT_EQ(client({{"forwarded", "for=203.0.113.9"}, {"forwarded", "for=10.0.0.3, for=10.0.0.2"}}), kOriginal);
  EXPECT_EQ(client({{"forwarded", "for=\"open"}, {"forwarded", "for=203.0.113.9"}}), kOriginal)
      << "what a client leaves open ends with its line";
}

TEST(Forwarding, ReadsAddressesWithPortsAndBrackets) {
  for (const auto* text :
       {"203.0.113.9", "203.0.113.9:4711", " 203.0.113.9\t", "::ffff:203.0.113.9", "[::ffff:203.0.113.9]:80"}) {
    EXPECT_EQ(usual(text), kOriginal) << text;
  }
  for (const auto* text : {"2001:db8::9", "2001:DB8:0::9", "[2001:db8::9]", "[2001:db8::9]:4711"}) {
    EXPECT_EQ(usual(text), "2001:db8::9") << text;
    EXPECT_EQ(standard("for=\"" + std::string(text) + "\""), "2001:db8::9") << text;
  }
  EXPECT_EQ(standard("for=\"203.0.113.9:_hidden\""), kOriginal);
  EXPECT_EQ(standard("For=203.0.113.9:4711 ; PROTO=https"), kOriginal) << "as some proxies write it";
}

TEST(Forwarding, BelievesNothingOfABrokenChain) {
  for (const auto* text : {"",
                           " ",
                           ",",
                           "203.0.113.9,",
                           "203.0.113.9, ",
                           "203.0.113.9,,10.0.0.2",
                           "203.0.113.9, unknown",
                           "localhost",
                           "203.0.113",
                           "203.0.113.9.1",
                           "0xcb.0.113.9",
                           "3405803785",
                           "203.0.113.9:",
                           "203.0.113.9:x",
                           "203.0.113.9:123456",
                           "203.0.113.9 10.0.0.2",
                           "\"203.0.113.9\"",
                           "[203.0.113.9]",
                           "[2001:db8::9",
                           "2001:db8::9]",
                           "[2001:db8::9]x",
                           "[2001:db8::9]:",
                           "2001:db8::9%eth0",
                           "[]",
                           "fe80::1%1",
                           "-",
                           "203.0.113.9;"}) {
    EXPECT_EQ(usual(text), "") << text;
  }
  EXPECT_EQ(usual(std::string("203.0.113.9\0x", 13)), "");
  EXPECT_EQ(client({{"x-forwarded-for", kOriginal}, {"x-forwarded-for", ""}}), "");
}

TEST(Forwarding, BelievesNothingOfAForwardedThatHidesTheClientOrBreaksTheGrammar) {
  for (const auto* text : {"for=unknown",
                           "for=_hidden",
                           "for=\"_SEVKISEK\"",
                           "for=203.0.113.9, for=unknown",
                           "proto=https",
                           "",
                           "203.0.113.9",
                           "for",
                           "for=",
                           "for=\"\"",
                           "=203.0.113.9",
                           "for =203.0.113.9",
                           "for= 203.0.113.9",
                           "for=203.0.113.9;",
                           "for=203.0.113.9;;proto=https",
                           "for=203.0.113.9,",
                           "for=203.0.113.9;for=198.51.100.1",
                           "for=\"203.0.113.9",
                           "for=203.0.113.9\"",
                           "for=203.0.113.9 x",
                           "for=\"203.0.113.9\"x"}) {
    EXPECT_EQ(standard(text), "") << text;
  }
}

TEST(Forwarding, CannotBeQuotedAway) {
  // What a proxy adds to its client's line, in the forms that proxies use.
  for (const std::string added : {"for=203.0.113.9", "for=\"203.0.113.9\"", "for=\"203.0.113.9\";host=\"h\"",
                                  "host=\"a\";for=203.0.113.9;proto=https"}) {
    for (const std::string begun : {"for=198.51.100.1;x=\"", "for=198.51.100.1;x=a\"", "for=198.51.100.1;x=\"a\\",
                                    "for=198.51.100.1;x=a\"b", "for=198.51.100.1\"", "for=\"198.51.100.1\\\"",
                                    "for=198.51.100.1, \"", "for=198.51.100.1, for=\"x", "\"", "for=198.51.100.1;"}) {
      const auto line = begun + ", " + added;
      EXPECT_THAT(standard(line), testing::AnyOf("", kOriginal)) << line;
    }
  }
}

TEST(Forwarding, NoBeginningOfALineSpoofsItsEnd) {
  constexpr std::string_view kPieces[] = {
      "for", "=",    "\"",    ",",         ";",        " ",       "\\", "198.51.100.1", "[2001:db8::1]", ":80",
      "x",   "host", "proto", "127.0.0.1", "10.0.0.3", "unknown", "\t"};
  std::mt19937 random(7239);
  for (int i = 0; i < 50'000; ++i) {
    std::string begun;
    for (auto left = random() % 12; left > 0; --left) begun += kPieces[random() % std::size(kPieces)];
    ASSERT_EQ(usual(begun + ", 203.0.113.9"), kOriginal) << begun;
    for (const auto* added :
         {", for=203.0.113.9", ", for=\"203.0.113.9:80\";proto=https", ", proto=http;for=203.0.113.9"}) {
      ASSERT_THAT(standard(begun + added), testing::AnyOf("", kOriginal)) << begun << added;
    }
  }
}

TEST(Forwarding, FollowsSoManyProxies) {
  std::string chain = kOriginal;
  for (int hops = 1; hops < 16; ++hops) chain += ", 10.0.0.2";
  EXPECT_EQ(usual(chain), kOriginal);
  EXPECT_EQ(usual(chain + ", 10.0.0.2"), "");
  std::string long_left;
  for (int i = 0; i < 5000; ++i) long_left += "10.0.0.2,";
  EXPECT_EQ(usual(long_left + kOriginal), kOriginal) << "nor can a client hide behind a long chain";
  EXPECT_EQ(usual(long_left + "10.0.0.2"), "");
}

TEST(Forwarding, TakesAnotherMachinesLoopbackForThatMachine) {
  EXPECT_EQ(usual("127.0.0.1"), kProxy);
  EXPECT_EQ(usual("127.0.0.5"), kProxy) << "trusted or not";
  EXPECT_EQ(usual("::1, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client({{"x-forwarded-for", "127.0.0.1, 10.0.0.2"}}, "127.0.0.1"), "10.0.0.2");
  EXPECT_EQ(client({{"x-forwarded-for", "127.0.0.7"}}, "127.0.0.1"), "127.0.0.7");
}

TEST(Forwarding, BelievesBothKindsOnlyWhereTheyAgree) {
  const auto both = [](const std::string& x_forwarded_for, const std::string& forwarded) {
    return client({{"x-forwarded-for", x_forwarded_for}, {"forwarded", forwarded}});
  };
  EXPECT_EQ(both("203.0.113.9", "for=203.0.113.9"), kOriginal);
  EXPECT_EQ(both("203.0.113.9", "for=198.51.100.1"), "");
  EXPECT_EQ(both("203.0.113.9", "for=unknown"), "");
  EXPECT_EQ(both("garbage", "for=203.0.113.9"), "");
}

TEST(Forwarding, TellsSchemeAndHost) {
  const auto with = [](const std::string& proto, const std::string& host) {
    return *read({{"x-forwarded-for", kOriginal}, {"x-forwarded-proto", proto}, {"x-forwarded-host", host}});
  };
  EXPECT_EQ(with("https", "berth.example:8443"), (Forwarding{kOriginal, "https", "berth.example:8443"}));
  EXPECT_EQ(with("HTTP", "[2001:db8::1]:80"), (Forwarding{kOriginal, "http", "[2001:db8::1]:80"}));
  EXPECT_EQ(with("https, http", "a.example, b.example"), (Forwarding{kOriginal, "", ""}));
  EXPECT_EQ(with("javascript", "a.example/x"), (Forwarding{kOriginal, "", ""}));
  EXPECT_EQ(with("", std::string(300, 'a')), (Forwarding{kOriginal, "", ""}));
  EXPECT_EQ(read({{"x-forwarded-for", kOriginal}, {"x-forwarded-proto", "https"}, {"x-forwarded-proto", "https"}}),
            (Forwarding{kOriginal, "", ""}));
  EXPECT_FALSE(read({{"x-forwarded-proto", "https"}, {"x-forwarded-host", "berth.example"}}));
  EXPECT_EQ(read({{"forwarded",
                   "for=1.1.1.1;proto=http;host=evil, for=203.0.113.9;proto=https;host=\"a.example:1\", "
                   "for=10.0.0.2;proto=http;host=inner"}}),
            (Forwarding{kOriginal, "https", "a.example:1"}));
  EXPECT_EQ(read({{"x-forwarded-for", kOriginal}, {"forwarded", "for=203.0.113.9;proto=https;host=evil"}}),
            (Forwarding{kOriginal, "", ""}))
      << "one kind is read, not a mixture";
}

TEST(Forwarding, BecomesThePeerOfTheRequest) {
  Request request;
  request.peer = kProxy;
  request.headers = {{"host", "inner"}, {"x-forwarded-for", kOriginal}, {"x-forwarded-host", "berth.example"}};
  auto untrusted = request;
  apply_forwarding(untrusted, networks({"10.9.9.9"}));
  EXPECT_EQ(untrusted.peer, kProxy);
  EXPECT_EQ(untrusted.proxy, "");
  EXPECT_EQ(untrusted.host(), "inner");
  apply_forwarding(request, networks({"10.0.0.1"}));
  EXPECT_EQ(request.peer, kOriginal);
  EXPECT_EQ(request.proxy, kProxy);
  EXPECT_EQ(request.host(), "berth.example");
}

}  // namespace
}  // namespace berth::http
