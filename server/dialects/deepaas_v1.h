// SPDX-License-Identifier: Apache-2.0
// DEEPaaS V1: the API before V2, under /models; docs/api.md describes it.
#pragma once

#include "core/service.h"
#include "dialects/deepaas_options.h"
#include "http/router.h"

namespace berth::dialects {

// Adds `/models/…` and its errors. The service must outlive the router.
void add_deepaas_v1(http::Router& router, core::Service& service, const DeepaasOptions& options);

}  // namespace berth::dialects
