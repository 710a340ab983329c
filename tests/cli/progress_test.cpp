// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <gmock/gmock.h>

#include <semaphore>

#include "support/terminal.h"

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

TEST(Progress, IsDrawnOnATerminalAndWipedOffAtTheEnd) {
  test::Terminal terminal;
  {
    std::counting_semaphore<> asked(0);
    const Progress progress("sending", [&] {
      asked.release();
      return Progress::Step{.done = 1, .total = 4};
    });
    for (int times = 0; times < 2; ++times) asked.acquire();  // whoever is asked again has been drawn
  }
  const auto text = terminal.text();
  EXPECT_THAT(text, testing::StartsWith("\r\033[Ksending  [#####...............] 1/4  "));
  EXPECT_THAT(text, testing::EndsWith(" s\r\033[K"));
}

}  // namespace
}  // namespace berth::cli
