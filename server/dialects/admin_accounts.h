// SPDX-License-Identifier: Apache-2.0
// AdminAccounts: logging in, who one is, and what admins do with users, keys and the audit log.
#pragma once

#include "dialects/request_fields.h"
#include "http/router.h"
#include "identity/gate.h"

namespace berth::dialects {

// Adds (docs/identity.md has the bodies):
//   POST   /v2/berth/login              a token for a username and password
//   GET    /v2/berth/me                 who the caller is taken for
//   GET    /v2/berth/users              all users; POST adds one
//   GET    /v2/berth/users/{id}         one; PATCH changes, DELETE removes it
//   GET    /v2/berth/users/{id}/keys    their keys; POST makes one, and shows it this once
//   POST   /v2/berth/users/{id}/token   a token for them
//   PATCH  /v2/berth/keys/{id}          changes a key; DELETE removes it
//   GET    /v2/berth/audit              the newest entries; ?before=ID&count=N goes back
//   GET    /v2/berth/audit/verify       whether the log is whole
// `gate` must outlive the router.
void add_admin_accounts(http::Router& router, identity::Gate& gate, const BodyLimits& limits);

}  // namespace berth::dialects
