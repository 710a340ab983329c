// SPDX-License-Identifier: Apache-2.0
#include "http/address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>

#include <cstring>

namespace berth::http {
namespace {

struct Case {
  const char* address;
  const char* range;
};

class SpecialRange : public testing::TestWithParam<Case> {};

TEST_P(SpecialRange, IsNamed) {
  const auto address = parse_address(GetParam().address);
  ASSERT_TRUE(address) << GetParam().address;
  EXPECT_EQ(special_range(*address), GetParam().range) << GetParam().address;
}

// Both ends of each range, and the public neighbours.
INSTANTIATE_TEST_SUITE_P(
    V4, SpecialRange,
    testing::Values(Case{"0.0.0.0", "this network"}, Case{"0.255.255.255", "this network"}, Case{"1.0.0.0", ""},
                    Case{"9.255.255.255", ""}, Case{"10.0.0.0", "private"}, Case{"10.255.255.255", "private"},
                    Case{"11.0.0.0", ""}, Case{"100.63.255.255", ""}, Case{"100.64.0.0", "carrier-grade NAT"},
                    Case{"100.127.255.255", "carrier-grade NAT"}, Case{"100.128.0.0", ""}, Case{"126.255.255.255", ""},
                    Case{"127.0.0.1", "loopback"}, Case{"127.255.255.254", "loopback"}, Case{"128.0.0.0", ""},
                    Case{"169.253.255.255", ""}, Case{"169.254.169.254", "link-local"}, Case{"169.255.0.0", ""},
                    Case{"172.15.255.255", ""}, Case{"172.16.0.0", "private"}, Case{"172.31.255.255", "private"},
                    Case{"172.32.0.0", ""}, Case{"192.0.0.171", "protocol assignments"}, Case{"192.0.1.0", ""},
                    Case{"192.0.2.1", "documentation"}, Case{"192.31.196.1", "AS112"}, Case{"192.52.193.1", "AMT"},
                    Case{"192.88.99.1", "6to4 relay"}, Case{"192.167.255.255", ""}, Case{"192.168.0.0", "private"},
                    Case{"192.168.255.255", "private"}, Case{"192.169.0.0", ""}, Case{"192.175.48.1", "AS112"},
                    Case{"198.17.255.255", ""}, Case{"198.18.0.0", "benchmark"}, Case{"198.19.255.255", "benchmark"},
                    Case{"198.20.0.0", ""}, Case{"198.51.100.7", "documentation"}, Case{"203.0.113.7", "documentation"},
                    Case{"223.255.255.255", ""}, Case{"224.0.0.0", "multicast"}, Case{"239.255.255.255", "multicast"},
                    Case{"240.0.0.0", "reserved"}, Case{"255.255.255.255", "reserved"}, Case{"8.8.8.8", ""}));

INSTANTIATE_TEST_SUITE_P(
    V6, SpecialRange,
    testing::Values(Case{"::", "unspecified"}, Case{"::1", "loopback"}, Case{"::2", "reserved"},
                    Case{"::127.0.0.1", "reserved"}, Case{"::ffff:127.0.0.1", "IPv4-mapped"},
                    Case{"::ffff:8.8.8.8", "IPv4-mapped"}, Case{"64:ff9b::808:808", "NAT64"},
                    Case{"64:ff9b:1::1", "NAT64"}, Case{"100::1", "discard"}, Case{"fc00::1", "private"},
                    Case{"fdff::1", "private"}, Case{"fe80::1", "link-local"}, Case{"febf::1", "link-local"},
                    Case{"fec0::1", "site-local"}, Case{"ff02::1", "multicast"}, Case{"2001::1", "Teredo"},
                    Case{"2001:2::1", "benchmark"}, Case{"2001:10::1", "protocol assignments"},
                    Case{"2001:1ff:ffff::1", "protocol assignments"}, Case{"2001:200::1", ""},
                    Case{"2001:db8::1", "documentation"}, Case{"2001:4860:4860::8888", ""},
                    Case{"2002:7f00:1::1", "6to4"}, Case{"2003::1", ""}, Case{"3fff::1", "documentation"},
                    Case{"3fff:1000::1", ""}, Case{"4000::1", "reserved"}, Case{"5f00::1", "reserved"},
                    Case{"2606:4700::1111", ""}));

TEST(Address, IsReadFromTextAndSockets) {
  EXPECT_EQ(to_string(*parse_address("192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(to_string(*parse_address("2001:DB8::1")), "2001:db8::1");
  for (const auto* text :
       {"", "localhost", "0x7f.1", "127.1", "017700000001", "2130706433", "fe80::1%eth0", "1.2.3.4 "}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_address(std::string("192.0.2.1\0x", 11)));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  std::memcpy(&generic, &v4, sizeof generic);
  EXPECT_EQ(to_address(generic), parse_address("127.0.0.1"));
  generic.sa_family = AF_UNIX;
  EXPECT_FALSE(to_address(generic));
}

TEST(Address, NetworksContainTheirAddresses) {
  const Network network{*parse_address("10.1.128.0"), 17};
  EXPECT_TRUE(network.contains(*parse_address("10.1.255.255")));
  EXPECT_FALSE(network.contains(*parse_address("10.1.127.255")));
  EXPECT_FALSE(network.contains(*parse_address("::a01:ffff")));
  EXPECT_TRUE((Network{*parse_address("0.0.0.0"), 0}).contains(*parse_address("8.8.8.8")));
}

TEST(Address, CarriedOnesAreFound) {
  for (const auto* text : {"::ffff:192.0.43.8", "::192.0.43.8", "64:ff9b::c000:2b08", "2002:c000:2b08:1::2",
                           "2001:0:4136:e378:8000:63bf:3fff:d4f7"}) {
    const auto carried = carried_v4(*parse_address(text));
    ASSERT_TRUE(carried) << text;
    EXPECT_EQ(to_string(*carried), "192.0.43.8") << text;
  }
  for (const auto* text : {"192.0.43.8", "2606:4700::1111", "fe80::c000:2b08", "2003:c000:2b08::"}) {
    EXPECT_FALSE(carried_v4(*parse_address(text))) << text;
  }
}

TEST(Address, NetworksAreReadFromText) {
  EXPECT_EQ(parse_network("10.1.128.0/17"), (Network{*parse_address("10.1.128.0"), 17}));
  EXPECT_EQ(parse_network("192.0.2.7"), (Network{*parse_address("192.0.2.7"), 32}));
  EXPECT_EQ(parse_network("::1"), (Network{*parse_address("::1"), 128}));
  EXPECT_EQ(parse_network("fd00::/8"), (Network{*parse_address("fd00::"), 8}));
  EXPECT_EQ(parse_network("0.0.0.0/0"), (Network{*parse_address("0.0.0.0"), 0}));
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "fd00::/129", "10.0.0.0/8 ", "10.0.0.0/-1",
                           "10.0.0.0/0x8", "10.0.0/8", "localhost", "localhost/8", "[::1]", "10.0.0.1:80"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(Address, AreUnmapped) {
  EXPECT_EQ(unmapped(*parse_address("::ffff:192.0.2.7")), *parse_address("192.0.2.7"));
  for (const auto* text : {"192.0.2.7", "2001:db8::1", "::192.0.2.7", "::1"}) {
    EXPECT_EQ(unmapped(*parse_address(text)), *parse_address(text)) << text;
  }
}

TEST(Address, LoopbackIsKnownInEachForm) {
  for (const auto* text : {"127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(text)) << text;
  }
  for (const auto* text : {"126.255.255.255", "128.0.0.1", "10.0.0.1", "::", "::2", "::ffff:10.0.0.1", "::127.0.0.1",
                           "127.0.0.1.example.org", "127.", "localhost", ""}) {
    EXPECT_FALSE(is_loopback(text)) << text;
  }
}

TEST(Address, OwnOnesIncludeTheLoopback) {
  EXPECT_THAT(own_addresses(), testing::Contains(*parse_address("127.0.0.1")));
}

}  // namespace
}  // namespace berth::http
