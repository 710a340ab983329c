// SPDX-License-Identifier: Apache-2.0
#include "base/json_object.h"

#include <gtest/gtest.h>

namespace berth::json {
namespace {

TEST(ObjectText, HoldsItsMembersInTheirOrder) {
  EXPECT_EQ(ObjectText().done(), "{}");
  EXPECT_EQ(ObjectText()
                .number("n", -5)
                .text("t", "a \"b\"")
                .flag("f", true)
                .raw("r", "[1]")
                .optional("o", std::nullopt)
                .optional("p", "x")
                .done(),
            R"({"n":-5,"t":"a \"b\"","f":true,"r":[1],"o":null,"p":"x"})");
}

}  // namespace
}  // namespace berth::json
