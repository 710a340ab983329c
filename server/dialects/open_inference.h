// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol v2 over REST, for clients of KServe and Triton: docs/open_inference.md describes it.
#pragma once

#include <functional>
#include <string_view>

#include "core/service.h"
#include "dialects/request_fields.h"
#include "http/router.h"

namespace berth::dialects {

struct OpenInferenceOptions {
  BodyLimits body = {};
  // `/v2/` and `/v2/models/{model}/` are DEEPaaS V2's as well; where it serves them, it tells what this protocol asks.
  bool has_deepaas_v2 = true;
  // What keeps the server from being ready, whatever is listed, in a word that everybody is told: "models" that were
  // not looked for yet, the "database"; "": nothing does. Empty: nothing ever does.
  std::function<std::string_view()> why_not_ready = {};
};

// Adds `/v2/health/…`, `/v2/models/{model}/…`, `/v2/repository/…` and their errors. The service must outlive the
// router.
void add_open_inference(http::Router& router, core::Service& service, const OpenInferenceOptions& options);

}  // namespace berth::dialects
