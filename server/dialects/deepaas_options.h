// SPDX-License-Identifier: Apache-2.0
// DeepaasOptions: what an operator may choose about the DEEPaaS API, V1 and V2.
#pragma once

#include <string>

#include "dialects/request_fields.h"

namespace berth::dialects {

struct DeepaasOptions {
  std::string base_path = {};       // the router's: "" or "/x/y"; stands before the links in answers
  bool predict_enabled = true;      // false: predictions answer 402
  bool train_enabled = true;        // false: starting a training answers 402
  bool with_open_inference = true;  // V2's objects that both protocols have tell what the other one asks
  bool debug_enabled = false;       // /v2/debug/ shows the recent log
  BodyLimits body = {};
};

}  // namespace berth::dialects
