// SPDX-License-Identifier: Apache-2.0
// Findings: what the checks of one model add to the report.
#pragma once

#include <string>
#include <utility>

#include "hosting/call.h"
#include "sdk/testing/conformance.h"

namespace berth::conformance {

class Findings {
 public:
  Findings(std::string model, Report& report) : model_(std::move(model)), report_(report) {}

  const std::string& model() const { return model_; }
  void add(const std::string& check, bool passed, std::string message = {}) {
    report_.checks.push_back({model_ + "." + check, passed, passed ? "" : std::move(message)});
  }
  void skip(const std::string& check, std::string why) {
    report_.checks.push_back({model_ + "." + check, false, std::move(why), true});
  }

 private:
  std::string model_;
  Report& report_;
};

// Whether the model said that the call was at fault, as with berth::Error(422, …).
inline bool is_refused(const Result<hosting::Output>& output) {
  return !output && output.error().model_status.value_or(500) < 500;
}

}  // namespace berth::conformance
