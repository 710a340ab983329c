// SPDX-License-Identifier: Apache-2.0
// Admin: what an operator sees of the models: states, reasons, queues and workers.
#pragma once

#include "core/service.h"
#include "http/router.h"

namespace berth::dialects {

// Adds GET /v2/berth/models, for viewers and admins.
void add_admin(http::Router& router, core::Service& service);

// The listing as JSON text.
std::string listings_text(const std::vector<hosting::Listing>& listings);

}  // namespace berth::dialects
