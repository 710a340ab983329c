// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol v2 over REST, for clients of KServe and Triton: docs/open_inference.md describes it.
#pragma once

#include <functional>

#include "core/service.h"
#include "dialects/request_fields.h"
#include "http/router.h"

namespace berth::dialects {

struct OpenInferenceOptions {
  BodyLimits body = {};
  // `/v2/` and `/v2/models/{model}/` are DEEPaaS V2's as well; where it serves them, it tells what this protocol asks.
  bool has_deepaas_v2 = true;
  // Whether the models were looked for; until then the server is not ready, whatever is listed. Empty: they were.
  std::function<bool()> is_loaded = {};
};

// Adds `/v2/health/…`, `/v2/models/{model}/…`, `/v2/repository/…` and their errors. The service must outlive the
// router.
void add_open_inference(http::Router& router, core::Service& service, const OpenInferenceOptions& options);

}  // namespace berth::dialects
