// SPDX-License-Identifier: Apache-2.0
#include "greeter.cpp"  // NOLINT(bugprone-suspicious-include): the plugin is this one file

#include <gtest/gtest.h>

TEST(Greeter, GreetsByName) {
  Greeter greeter;
  EXPECT_EQ(greeter.predict_data(berth::Args(berth::Json{{"name", "Ada"}})).json(),
            (berth::Json{{"greeting", "Hello Ada"}}));
}

TEST(Greeter, AsksForANameAndForNoFile) {
  const Greeter greeter;
  EXPECT_FALSE(greeter.get_metadata().takes_files);
  ASSERT_EQ(greeter.get_test_args().size(), 1u);
  EXPECT_EQ(greeter.get_test_args().front().json()["required"], true);
}
