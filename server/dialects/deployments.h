// SPDX-License-Identifier: Apache-2.0
// The API of deployments: images to a model by a deployment's id, and what models elsewhere predicted
// (docs/deployments.md).
#pragma once

#include "core/service.h"
#include "dialects/deployment_book.h"
#include "dialects/request_fields.h"
#include "http/router.h"
#include "identity/gate.h"

namespace berth::dialects {

struct DeploymentsOptions {
  Deployments deployments = {};
  BodyLimits body = {};
};

// Adds POST /api/login, /api/auth/login, /api/deployment/{deployment}/predict and …/predictions. Both must outlive the
// router.
void add_deployments(http::Router& router, core::Service& service, identity::Gate& gate,
                     const DeploymentsOptions& options);

}  // namespace berth::dialects
