// SPDX-License-Identifier: Apache-2.0
// DEEPaaS V2: the native API, under /v2; docs/api.md describes it.
#pragma once

#include "core/service.h"
#include "dialects/deepaas_options.h"
#include "http/router.h"

namespace berth::dialects {

// Adds `/`, `/v2/…` and their errors. The service must outlive the router.
void add_deepaas_v2(http::Router& router, core::Service& service, const DeepaasOptions& options);

// The part of it that runs models; add_deepaas_v2 calls both.
void add_deepaas_v2_predict(http::Router& router, core::Service& service, const DeepaasOptions& options);
void add_deepaas_v2_train(http::Router& router, core::Service& service, const DeepaasOptions& options);

}  // namespace berth::dialects
