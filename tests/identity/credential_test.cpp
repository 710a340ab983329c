// SPDX-License-Identifier: Apache-2.0
#include "identity/credential.h"

#include <gtest/gtest.h>

namespace berth::identity {
namespace {

TEST(Credential, StandsInOneOfFourPlaces) {
  for (const auto* header : {"Bearer abc", "bearer  abc", "Token abc", "abc", " abc "}) {
    EXPECT_EQ(*read_credential(header, std::nullopt), "abc") << header;
  }
  EXPECT_EQ(*read_credential(std::nullopt, "abc"), "abc");
  EXPECT_EQ(*read_credential("Bearer abc", "abc"), "abc");
  EXPECT_EQ(*read_credential(std::nullopt, std::nullopt), std::nullopt);
}

TEST(Credential, ThatIsNoneIsRefused) {
  EXPECT_FALSE(read_credential("Basic dXNlcjpwYXNz", std::nullopt));
  EXPECT_FALSE(read_credential("", std::nullopt));
  EXPECT_FALSE(read_credential(std::nullopt, " "));
  EXPECT_FALSE(read_credential("Bearer abc", "abd")) << "who is it?";
}

}  // namespace
}  // namespace berth::identity
