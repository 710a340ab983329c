// SPDX-License-Identifier: Apache-2.0
// The classifier's API: base64 images in JSON, for whichever model was made the active one (docs/classifier.md).
#pragma once

#include <string>

#include "core/service.h"
#include "dialects/request_fields.h"
#include "http/router.h"
#include "identity/gate.h"

namespace berth::dialects {

struct ClassifierOptions {
  std::string model = {};  // the active one at first; "": none
  BodyLimits body = {};
};

// Adds POST /classifier/predictions and PUT /classifier/prediction-service/{model}, for whoever shows a key in
// X-API-Key. Both must outlive the router.
void add_classifier(http::Router& router, core::Service& service, identity::Gate& gate,
                    const ClassifierOptions& options);

}  // namespace berth::dialects
