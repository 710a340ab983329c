// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

TEST(Progress, DrawsABarWhereTheTotalIsKnown) {
  EXPECT_EQ(format_progress("loading", {.done = 1, .total = 4}, 2.04), "loading  [#####...............] 1/4  2.0 s");
  EXPECT_EQ(format_progress("loading", {.done = 9, .total = 4}, 0), "loading  [####################] 4/4  0.0 s");
}

TEST(Progress, ShowsTheTimeWhereItIsNot) { EXPECT_EQ(format_progress("loading", {}, 12.34), "loading  12.3 s"); }

TEST(Progress, IsOnePlainLineWithoutATerminal) {
  testing::internal::CaptureStderr();  // a file, so no terminal
  {
    const Progress progress("loading models", [] { return Progress::Step{}; });
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "loading models\n");
}

}  // namespace
}  // namespace berth::cli
