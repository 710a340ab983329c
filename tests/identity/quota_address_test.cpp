// SPDX-License-Identifier: Apache-2.0
#include "identity/quota_address.h"

#include <gtest/gtest.h>

namespace berth::identity {
namespace {

TEST(QuotaAddress, IsTheAddressItselfOfIpv4HoweverItCame) {
  EXPECT_EQ(quota_address("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(quota_address("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(quota_address("::FFFF:c000:201"), "192.0.2.1");
}

TEST(QuotaAddress, IsTheNetworkOfIpv6ThatOneClientHas) {
  EXPECT_EQ(quota_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(quota_address("2001:DB8:1:2::"), quota_address("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(quota_address("2001:db8:1:2::"), quota_address("2001:db8:1:3::"));
  EXPECT_EQ(quota_address("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(quota_address("::1"), "::/64");
}

TEST(QuotaAddress, OfWhatIsNoAddressIsTheText) {
  for (const auto* text : {"", "unknown", "a:b", "192.0.2.1:80", "%"}) EXPECT_EQ(quota_address(text), text);
}

}  // namespace
}  // namespace berth::identity
