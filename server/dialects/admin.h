// SPDX-License-Identifier: Apache-2.0
// Admin: what an operator sees of the models: states, reasons, queues and workers.
#pragma once

#include "core/service.h"
#include "dialects/admin_guard.h"
#include "http/router.h"

namespace berth::dialects {

// Adds GET /v2/berth/models, for clients on this machine only until there are accounts; see admin_guard.h.
void add_admin(http::Router& router, core::Service& service, AdminAccess access = {});

// The listing as JSON text.
std::string listings_text(const std::vector<hosting::Listing>& listings);

}  // namespace berth::dialects
