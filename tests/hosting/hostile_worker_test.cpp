// SPDX-License-Identifier: Apache-2.0
// The server believes nothing that a worker says.
#include <gmock/gmock.h>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

class HostileWorker : public testing::TestWithParam<const char*> {};

TEST_P(HostileWorker, IsKilledAndItsCallAnswered) {
  House house;
  house.options.worker_program = BERTH_HOSTILE_WORKER;
  std::filesystem::copy(std::string(BERTH_FAKES_DIR) + "/echo.so",
                        house.folder / "plugins" / (std::string(GetParam()) + ".so"));
  house.load();
  const auto model = house.model(GetParam());
  ASSERT_NE(model, nullptr);
  const auto outcome = ask(model, "{}");
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::internal);
  EXPECT_THAT(outcome.output.error().message, testing::HasSubstr("died twice"));
}

INSTANTIATE_TEST_SUITE_P(Says, HostileWorker,
                         testing::Values("noise", "unknown_type", "tiny_packet", "huge_count", "old_sequence",
                                         "outside", "overflowing", "too_long", "bad_kind", "inline_body", "trailing",
                                         "spill_outside", "side_noise", "second_ready"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace berth::hosting
