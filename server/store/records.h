// SPDX-License-Identifier: Apache-2.0
// Records: the rows of requests and of their responses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace soci {
class session;
}

namespace berth::store {

// All of these run in a Database::Work, on the database's threads, and throw soci::soci_error.

struct RequestRow {
  std::int64_t id = 0;         // microseconds since 1970 when it came, moved on where two came in the same one
  std::int64_t user_id = 0;    // 0: nobody's
  std::string principal = {};  // "user 5", "key 7", "address 10.0.0.1"
  std::string dialect = {};
  std::string model = {};
  std::string version = {};
  std::string method = {};
  std::string deployment = {};
  std::string source = {};
  std::string tags_json = "[]";
  std::string input_json = "{}";
  std::int64_t kept_files = 0;  // in the media folder
  std::int64_t bytes = 0;       // what it takes: its input, and the files that are kept
};

struct ResponseRow {
  std::int64_t request_id = 0;
  std::string status = {};  // "ok", or an error's code
  std::string output_json = "null";
  std::int64_t queue_us = 0;
  std::int64_t compute_us = 0;
  std::int64_t total_us = 0;  // from when the request came; so it was answered at request_id + total_us
};

// Rows go in many at a time; a response may only follow its request.
void insert(soci::session& sql, std::span<const RequestRow* const> requests);
void insert(soci::session& sql, std::span<const ResponseRow* const> responses);

bool has_request(soci::session& sql, std::int64_t id);

// Does it so that what fails is undone by itself, and the transaction goes on. Throws where the connection was lost.
Result<> try_alone(soci::session& sql, const std::function<void()>& act);

// A request, and its response where it has one.
struct Record {
  RequestRow request;
  std::optional<ResponseRow> response;
};

// What is asked for; members that are not set let everything through.
struct RecordQuery {
  std::int64_t from = 0;   // ids from this one on: microseconds since 1970
  std::int64_t until = 0;  // and before this one; 0: the newest too
  std::optional<std::int64_t> user_id = {};
  std::string model = {};
  std::string status = {};  // "ok", an error's code, "error" (any of these)
  std::size_t count = 100;
  std::size_t max_bytes = 64UL * 1024 * 1024;  // of inputs and outputs: a page ends once it has as many
  std::size_t max_walked = 10'000;             // rows, where no index has just what is asked for: likewise
};

// Newest first. The next page is the same query with `until` = next; until there is none, a page may have few records,
// or none.
struct RecordPage {
  std::vector<Record> records = {};
  std::optional<std::int64_t> next = {};
};
RecordPage find(soci::session& sql, const RecordQuery& query);
std::optional<Record> record(soci::session& sql, std::int64_t id);

// What all of them take, as RequestRow::bytes and ResponseRow::output_json say.
struct RecordTotals {
  std::int64_t requests = 0;
  std::int64_t bytes = 0;
};
RecordTotals totals(soci::session& sql);

// Which are to go: the oldest first, at most `count`.
struct Removal {
  std::int64_t before = 0;                   // ids before this one; 0: any
  std::optional<std::int64_t> user_id = {};  // this user's alone
  std::int64_t bytes = 0;                    // as many as hold that much; 0: however much they hold
  std::size_t count = 1000;
};
// With what is needed to remove their files.
struct Removed {
  std::int64_t id = 0;
  std::int64_t kept_files = 0;
  bool is_answered = false;
};
std::vector<Removed> remove_records(soci::session& sql, const Removal& removal);
// Responses that came after their requests were removed. Ids that have none are passed over.
void remove_responses(soci::session& sql, std::span<const std::int64_t> ids);
// SQLite's file shrinks by what was removed; PostgreSQL sees to it itself.
void give_back_space(soci::session& sql);

}  // namespace berth::store
