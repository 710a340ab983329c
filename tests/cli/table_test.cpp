// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

TEST(Table, AlignsItsColumns) {
  EXPECT_EQ(format_table({"MODEL", "STATE"}, {{"a", "ready"}, {"longer-name", ""}}),
            "MODEL        STATE\n"
            "a            ready\n"
            "longer-name\n");
}

TEST(Table, CountsCharactersNotBytes) {
  EXPECT_EQ(format_table({"N", "X"}, {{"é", "1"}, {"ab", "2"}}), "N   X\né   1\nab  2\n");
}

TEST(Table, ShowsControlCharactersHarmlessly) { EXPECT_EQ(format_table({"N"}, {{"a\x1b[2J\nb"}}), "N\na?[2J?b\n"); }

}  // namespace
}  // namespace berth::cli
