// SPDX-License-Identifier: Apache-2.0
// AdminRecords: looking at what is on record, and removing a user's: docs/records.md.
#pragma once

#include "http/router.h"
#include "identity/gate.h"
#include "records/records.h"

namespace berth::dialects {

// GET /v2/berth/records and …/{id}: their own for users, all for viewers and admins; DELETE
// /v2/berth/users/{id}/records. Both must outlive the router.
void add_admin_records(http::Router& router, records::Records& records, identity::Gate& gate);

}  // namespace berth::dialects
