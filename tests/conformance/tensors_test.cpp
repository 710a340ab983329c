// SPDX-License-Identifier: Apache-2.0
// The kit calls a model by the tensors that it declares, and holds the answer to what it declares.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sdk/testing/conformance.h"

namespace berth::conformance {
namespace {

Check check_of(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.checks, name, &Check::name);
  return found == report.checks.end() ? Check{.name = name, .message = "no such check"} : *found;
}

TEST(Conformance, HoldsTensorsToTheirDeclaration) {
  Options options;
  options.worker_program = BERTH_WORKER;
  const auto report = check_plugin(std::filesystem::path(BERTH_FAKES_DIR) / "tensors.so", options);
  EXPECT_TRUE(check_of(report, "mirror.tensors").passed) << check_of(report, "mirror.tensors").message;
  EXPECT_TRUE(check_of(report, "adder.tensors").passed) << check_of(report, "adder.tensors").message;
  EXPECT_THAT(check_of(report, "liar.tensors").message, testing::HasSubstr("output 'sum': shape is [1]"));
  EXPECT_THAT(check_of(report, "talker.tensors").message, testing::HasSubstr("something else than tensors"));
}

TEST(Conformance, SkipsTensorsWhereNoneAreDeclared) {
  Options options;
  options.worker_program = BERTH_WORKER;
  const auto report = check_plugin(std::filesystem::path(BERTH_FAKES_DIR) / "echo.so", options);
  EXPECT_TRUE(check_of(report, "echo.tensors").skipped);
}

}  // namespace
}  // namespace berth::conformance
