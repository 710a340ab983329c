// SPDX-License-Identifier: Apache-2.0
#include "identity/passwords.h"

#include <gmock/gmock.h>

namespace berth::identity {
namespace {

constexpr PasswordCost kCheap{.memory_bytes = 8192, .passes = 1};

TEST(Passwords, AreKeptAsArgon2idWithASaltOfTheirOwn) {
  const auto a = hash_password("correct horse", kCheap), b = hash_password("correct horse", kCheap);
  ASSERT_TRUE(a);
  EXPECT_THAT(*a, testing::StartsWith("$argon2id$v=19$m=8,t=1,p=1$"));
  EXPECT_NE(*a, *b);
  EXPECT_TRUE(verify_password(*a, "correct horse"));
  EXPECT_TRUE(verify_password(*b, "correct horse"));
  EXPECT_FALSE(verify_password(*a, "correct horsf"));
  EXPECT_FALSE(verify_password(*a, ""));
  EXPECT_FALSE(verify_password("", "correct horse"));
  EXPECT_FALSE(verify_password("plain", "plain"));
}

TEST(Passwords, CostByDefaultWhatRfc9106AsksFor) {
  const auto hash = hash_password("correct horse", {});
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, testing::StartsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
}

TEST(Passwords, TellWhetherTheyWereHashedAtAnotherCost) {
  const auto hash = *hash_password("correct horse", kCheap);
  EXPECT_FALSE(needs_rehash(hash, kCheap));
  EXPECT_TRUE(needs_rehash(hash, {.memory_bytes = 16384, .passes = 1}));
  EXPECT_TRUE(needs_rehash(hash, {.memory_bytes = 8192, .passes = 2}));
  EXPECT_FALSE(needs_rehash("plain", kCheap)) << "that is none";
}

TEST(Passwords, HaveALength) {
  EXPECT_FALSE(check_password("1234567"));
  EXPECT_TRUE(check_password("12345678"));
  EXPECT_TRUE(check_password(std::string(1024, 'x')));
  EXPECT_FALSE(check_password(std::string(1025, 'x')));
  EXPECT_FALSE(check_password(std::string("1234567\0", 8)));
}

}  // namespace
}  // namespace berth::identity
