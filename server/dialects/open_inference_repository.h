// SPDX-License-Identifier: Apache-2.0
// The model repository extension of the Open Inference Protocol: what is there, loading and unloading it.
#pragma once

#include "core/service.h"
#include "dialects/request_fields.h"
#include "http/router.h"

namespace berth::dialects {

// Adds POST /v2/repository/index for everybody (reasons for viewers, admins and who may manage the model), and
// POST /v2/repository/models/{model}/load and /unload for the latter. The service must outlive the router.
void add_open_inference_repository(http::Router& router, core::Service& service, const BodyLimits& limits);

}  // namespace berth::dialects
