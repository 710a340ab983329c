// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include "config/schema.h"

namespace berth::config {
namespace {

Result<> checked(const std::string& value, std::string_view expected, const std::string& what) {
  if (expected.empty()) return {};
  return failure(Code::invalid_argument, what + ": expected " + std::string(expected) + ", got \"" + value + "\"");
}

}  // namespace

const Serving& serving_for(const Config& config, std::string_view name) {
  const auto found = config.models.find(std::string(name));
  return found == config.models.end() ? config.defaults : found->second;
}

Result<> check_ip(const std::string& value, const std::string& what) {
  return checked(value, expected_ip(value), what);
}

Result<> check_base_path(const std::string& value, const std::string& what) {
  return checked(value, expected_base_path(value), what);
}

}  // namespace berth::config
