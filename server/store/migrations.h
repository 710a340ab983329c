// SPDX-License-Identifier: Apache-2.0
// Migrations: the tables, step by step from an empty database to what this program works with.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/database_url.h"

namespace soci {
class session;
}

namespace berth::store {

// The number of the last step that this program knows.
int latest_version();

// The statements of one step, 1 to latest_version(), for that kind of database.
std::vector<std::string> migration(int version, DatabaseKind kind);

// Brings the database to latest_version(), in one transaction and under a lock that other programs wait for.
// conflict: a later Berth made it, which this one would damage. [blocks]
Result<> migrate(soci::session& sql, DatabaseKind kind);

}  // namespace berth::store
