// SPDX-License-Identifier: Apache-2.0
// What a change of a user or key may be, what it makes of a row, and what the audit log tells of it.
#pragma once

#include <string>

#include "base/result.h"
#include "identity/accounts.h"
#include "store/accounts.h"

namespace berth::identity {

// invalid_argument names the member. [any]
Result<> check(const UserChange& change, bool is_new);
Result<> check(const KeyChange& change, bool is_new);

// All but the password.
void apply(const UserChange& change, store::UserRow& row);
void apply(const KeyChange& change, store::KeyRow& row);

// A JSON object with what changes, and of a password only that it does.
std::string describe(const UserChange& change);
std::string describe(const KeyChange& change);

// Why the last admin stays.
tl::unexpected<Error> last_admin();

}  // namespace berth::identity
