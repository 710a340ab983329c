// SPDX-License-Identifier: Apache-2.0
// A model's answer, as `berth predict` shows it.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/client.h"

namespace berth::cli {

struct PredictionFormat {
  std::string output_file = {};  // "": stdout
  bool json = false;             // as the server gave it
};

// Writes the prediction to stdout or its file. The error is what the server said instead, or why it was not written.
Result<> print_prediction(const Answer& answer, const std::string& model, const PredictionFormat& format);

// The prediction alone: of {"status":"OK","predictions":…} the value, indented, or bare where it is a text; any other
// JSON indented; anything else as it is.
std::string readable(const Answer& answer);

// What an answer with a status of 400 and above says, for people.
std::string explain_failure(const Answer& answer, const std::string& model);

}  // namespace berth::cli
