// SPDX-License-Identifier: Apache-2.0
// A configuration from its text; a failure of the test where it is none.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "config/config.h"

namespace berth::test {

inline config::Config parsed(const std::string& text) {
  auto config = config::parse(text, "berth.yaml");
  if (config) return std::move(*config);
  ADD_FAILURE() << config.error().message;
  return {};
}

}  // namespace berth::test
