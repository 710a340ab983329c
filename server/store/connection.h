// SPDX-License-Identifier: Apache-2.0
// Connection: one session with a database, set up as Berth needs it, and its errors in our words.
#pragma once

#include <soci/soci.h>

#include <functional>
#include <memory>

#include "base/result.h"
#include "store/database_url.h"

namespace berth::store {

enum class Use { write, read };

// A session whose commits are on disk when they return; one that reads writes nothing, not even the database's
// settings. unavailable: why it cannot be had. [blocks]
Result<std::unique_ptr<soci::session>> connect(const DatabaseUrl& url, Use use);

// From now on its commits no longer wait for the disk: a Syncer takes them there. [blocks]
void leave_sync_to_others(soci::session& sql, DatabaseKind kind);

// Begins a transaction. SQLite's writes lock the database from here on: one that began by reading could not lock it
// once another connection wrote. Throws soci::soci_error. [blocks]
void begin(soci::session& sql, DatabaseKind kind, Use use);

// Keeps other servers off the database as long as `sql` (PostgreSQL) or the result (SQLite: a locked file) lives.
// conflict: another one has it. [blocks]
class Claim;
Result<std::shared_ptr<Claim>> claim(soci::session& sql, const DatabaseUrl& url);

// conflict: a constraint says no; unavailable: the connection, or the disk; internal: all else. The message names no
// value.
Error error_of(const soci::soci_error& error);
// Whether what failed with that may work on a new connection.
bool is_lost(soci::session& sql, const soci::soci_error& error);

}  // namespace berth::store
