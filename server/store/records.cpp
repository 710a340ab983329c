// SPDX-License-Identifier: Apache-2.0
#include "store/records.h"

#include <soci/soci.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <string_view>

#include "base/utc.h"
#include "store/connection.h"
#include "store/row.h"
#include "store/statement.h"

namespace berth::store {
namespace {

// Rows of one statement. SQLite's cost nothing to step through; PostgreSQL's are a message there and back each.
constexpr std::size_t kSqliteRows = 1, kPostgresqlRows = 50;

std::string created_text(std::int64_t microseconds) { return time_text(from_microseconds(microseconds)); }

// "INSERT INTO table (a, b) VALUES (:0, :1), (:2, :3)"
std::string insertion(std::string_view table, std::string_view columns, std::size_t rows) {
  const auto width = static_cast<std::size_t>(std::ranges::count(columns, ',')) + 1;
  std::string text("INSERT INTO ");
  text.append(table).append(" (").append(columns).append(") VALUES ");
  for (std::size_t i = 0; i < rows * width; ++i) {
    text.append(i % width != 0 ? ", " : i == 0 ? "(" : "), (").append(":").append(std::to_string(i));
  }
  return text.append(")");
}

// A request's place in a statement, for one after another.
struct BoundRequest {
  RequestRow row;
  std::string created;
  soci::indicator has_user = soci::i_null;

  void set(const RequestRow& from) {
    row = from;
    created = created_text(from.id);
    has_user = from.user_id == 0 ? soci::i_null : soci::i_ok;
  }
  void bind(soci::statement& statement) {
    use_all(statement, row.id);
    statement.exchange(soci::use(row.user_id, has_user));
    use_all(statement, row.input_json, created, created, row.principal, row.dialect, row.model, row.version, row.method,
            row.deployment, row.source, row.tags_json, row.kept_files, row.bytes);
  }
};

struct BoundResponse {
  ResponseRow row;
  std::string created;
  std::int64_t bytes = 0;

  void set(const ResponseRow& from) {
    row = from;
    created = created_text(from.request_id + from.total_us);
    bytes = static_cast<std::int64_t>(from.output_json.size());
  }
  void bind(soci::statement& statement) {
    use_all(statement, row.request_id, row.request_id, row.output_json, created, created, row.status, row.queue_us,
            row.compute_us, row.total_us, bytes);
  }
};

template <typename Bound, typename Row>
void insert_all(soci::session& sql, std::span<const Row* const> rows, std::string_view table,
                std::string_view columns) {
  const auto most = sql.get_backend_name() == "sqlite3" ? kSqliteRows : kPostgresqlRows;
  while (!rows.empty()) {
    std::vector<Bound> places(std::min(rows.size(), most));
    soci::statement statement(sql);
    for (auto& place : places) place.bind(statement);
    statement.alloc();
    statement.prepare(insertion(table, columns, places.size()));
    statement.define_and_bind();
    for (; rows.size() >= places.size(); rows = rows.subspan(places.size())) {
      for (std::size_t i = 0; i < places.size(); ++i) places[i].set(*rows[i]);
      statement.execute(true);
      if (rows.size() == places.size()) return;
    }
  }
}

void add_to_totals(soci::session& sql, std::int64_t requests, std::int64_t bytes) {
  sql << "UPDATE record_totals SET requests = requests + :requests, bytes = bytes + :bytes", soci::use(requests),
      soci::use(bytes);
}

// The ids that are to go, and what goes with them.
struct Condemned {
  std::vector<Removed> rows;
  std::int64_t bytes = 0;
};

Condemned condemn(soci::session& sql, const Removal& removal) {
  std::string text =
      "SELECT r.id, r.kept_files, r.bytes + COALESCE(s.bytes, 0), CASE WHEN s.id IS NULL THEN 0 ELSE 1 END FROM "
      "requests r LEFT JOIN responses s ON s.id = r.id";
  const std::int64_t before = removal.before == 0 ? std::numeric_limits<std::int64_t>::max() : removal.before;
  const std::int64_t user = removal.user_id.value_or(0);
  text.append(" WHERE r.id < :before");
  if (removal.user_id) text.append(" AND r.user_id = :user");
  text.append(" ORDER BY r.id LIMIT ").append(std::to_string(removal.count));
  Removed row;
  std::int64_t bytes = 0;
  soci::statement statement(sql);
  int answered = 0;
  into_all(statement, row.id, row.kept_files, bytes, answered);
  statement.exchange(soci::use(before));
  if (removal.user_id) statement.exchange(soci::use(user));
  statement.alloc();
  statement.prepare(text);
  statement.define_and_bind();
  statement.execute();
  Condemned all;
  while (statement.fetch()) {
    row.is_answered = answered != 0;
    all.rows.push_back(row);
    all.bytes += bytes;
    if (removal.bytes != 0 && all.bytes >= removal.bytes) break;
  }
  return all;
}

}  // namespace

void insert(soci::session& sql, std::span<const RequestRow* const> requests) {
  if (requests.empty()) return;
  insert_all<BoundRequest>(sql, requests, "requests",
                           "id, user_id, input, created_datetime, updated_datetime, principal, dialect, model, version,"
                           " method, deployment, source, tags, kept_files, bytes");
  std::int64_t bytes = 0;
  for (const auto* request : requests) bytes += request->bytes;
  add_to_totals(sql, static_cast<std::int64_t>(requests.size()), bytes);
}

void insert(soci::session& sql, std::span<const ResponseRow* const> responses) {
  if (responses.empty()) return;
  insert_all<BoundResponse>(sql, responses, "responses",
                            "id, request_id, output, created_datetime, updated_datetime, status, queue_us, compute_us,"
                            " total_us, bytes");
  std::int64_t bytes = 0;
  for (const auto* response : responses) bytes += static_cast<std::int64_t>(response->output_json.size());
  add_to_totals(sql, 0, bytes);
}

bool has_request(soci::session& sql, std::int64_t id) {
  int count = 0;
  sql << "SELECT COUNT(*) FROM requests WHERE id = :id", soci::into(count), soci::use(id);
  return count > 0;
}

Result<> try_alone(soci::session& sql, const std::function<void()>& act) {
  sql << "SAVEPOINT alone";
  try {
    act();
  } catch (const soci::soci_error& error) {
    if (is_lost(sql, error)) throw;
    sql << "ROLLBACK TO SAVEPOINT alone";
    sql << "RELEASE SAVEPOINT alone";
    return failure(error_of(error));
  }
  sql << "RELEASE SAVEPOINT alone";
  return {};
}

RecordTotals totals(soci::session& sql) {
  RecordTotals now;
  sql << "SELECT requests, bytes FROM record_totals", soci::into(now.requests), soci::into(now.bytes);
  return now;
}

std::vector<Removed> remove_records(soci::session& sql, const Removal& removal) {
  auto condemned = condemn(sql, removal);
  if (condemned.rows.empty()) return {};
  // The oldest there are, so that the newest of them says which.
  const std::int64_t last = condemned.rows.back().id;
  if (removal.user_id) {
    const std::int64_t user = *removal.user_id;
    sql << "DELETE FROM responses WHERE id IN (SELECT id FROM requests WHERE user_id = :user AND id <= :last)",
        soci::use(user), soci::use(last);
    sql << "DELETE FROM requests WHERE user_id = :user AND id <= :last", soci::use(user), soci::use(last);
  } else {
    sql << "DELETE FROM responses WHERE id <= :last", soci::use(last);
    sql << "DELETE FROM requests WHERE id <= :last", soci::use(last);
  }
  add_to_totals(sql, -static_cast<std::int64_t>(condemned.rows.size()), -condemned.bytes);
  return std::move(condemned.rows);
}

void remove_responses(soci::session& sql, std::span<const std::int64_t> ids) {
  for (const auto id : ids) {
    std::int64_t bytes = 0;
    sql << "SELECT bytes FROM responses WHERE id = :id", soci::into(bytes), soci::use(id);
    if (!sql.got_data()) continue;
    sql << "DELETE FROM responses WHERE id = :id", soci::use(id);
    add_to_totals(sql, 0, -bytes);
  }
}

void give_back_space(soci::session& sql) {
  if (sql.get_backend_name() != "sqlite3") return;
  // Each row that is fetched, of none, is a page.
  const soci::rowset<soci::row> pages = (sql.prepare << "PRAGMA incremental_vacuum");
  for (const auto& page : pages) (void)page;
}

}  // namespace berth::store
