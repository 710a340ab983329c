// SPDX-License-Identifier: Apache-2.0
#include "identity/api_key.h"

#include <gtest/gtest.h>

namespace berth::identity {
namespace {

TEST(ApiKey, IsLongRandomAndKnownByItsBeginning) {
  const auto a = make_api_key(), b = make_api_key();
  EXPECT_NE(a.secret, b.secret);
  EXPECT_EQ(a.secret.size(), 6U + 43U);
  EXPECT_TRUE(is_api_key(a.secret));
  EXPECT_EQ(a.prefix, a.secret.substr(0, 12));
  EXPECT_EQ(a.hash, hash_of_key(a.secret));
  EXPECT_NE(a.hash, b.hash);
  EXPECT_EQ(a.hash.size(), 64U);
  EXPECT_FALSE(is_api_key("eyJhbGciOiJIUzI1NiJ9.e30.x"));
}

TEST(ApiKey, HashesAreBlake2b256) {
  // b2sum -l 256
  EXPECT_EQ(hash_of_key("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(ApiKey, IsComparedAsAWhole) {
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "ab"));
  EXPECT_TRUE(equal_secrets("", ""));
}

}  // namespace
}  // namespace berth::identity
