// SPDX-License-Identifier: Apache-2.0
// What an admin does to a model's versions: making one active, going back, giving labels a share of the traffic.
#pragma once

#include "core/service.h"
#include "dialects/request_fields.h"
#include "http/router.h"

namespace berth::dialects {

// Adds, for those whom the guard lets through:
//   GET   /v2/berth/models/{model}/rollout   the rollout (docs/operations.md)
//   PATCH /v2/berth/models/{model}/rollout   merges a JSON object into it (RFC 7396)
//   POST  /v2/berth/models/{model}/rollback  makes the version active that was so before
// Each answers the rollout as it is then. The service must outlive the router.
void add_admin_rollout(http::Router& router, core::Service& service, const BodyLimits& limits);

}  // namespace berth::dialects
