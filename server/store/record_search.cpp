// SPDX-License-Identifier: Apache-2.0
#include <soci/soci.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "store/records.h"
#include "store/statement.h"

namespace berth::store {
namespace {

constexpr std::string_view kColumns =
    " r.id, COALESCE(r.user_id, 0), r.principal, r.dialect, r.model, r.version, r.method, r.deployment, r.source,"
    " CAST(r.tags AS TEXT), CAST(r.input AS TEXT), r.kept_files, r.bytes, s.status, CAST(s.output AS TEXT),"
    " s.queue_us, s.compute_us, s.total_us";

// What a query asks of a row: in part by the index along which rows are walked, the rest of each of them.
struct Walk {
  bool of_failures = false;  // along the responses that failed, which are few; else along requests
  std::string by_index, of_each;
  std::string id() const { return of_failures ? "s.id" : "r.id"; }
};

// Each condition stands with its values as texts of numbers, or as a parameter: ":status", ":model".
Walk walk_of(const RecordQuery& query) {
  Walk walk;
  walk.of_failures = !query.status.empty() && query.status != "ok";
  std::string user, model;
  if (query.user_id) user = " AND r.user_id = " + std::to_string(*query.user_id);
  if (walk.of_failures) {
    walk.by_index = query.status == "error" ? " AND s.status <> 'ok'" : " AND s.status <> 'ok' AND s.status = :status";
    walk.of_each = user;
    if (!query.model.empty()) walk.of_each += " AND r.model = :model";
    return walk;
  }
  if (query.status == "ok") walk.of_each = " AND s.status = 'ok'";
  walk.by_index = user;
  // Of two indexes the database takes the one that is meant: of a text put together it has none.
  if (!query.model.empty() && query.user_id) walk.of_each += " AND r.model || '' = :model";
  if (!query.model.empty() && !query.user_id) walk.by_index = " AND r.model = :model";
  return walk;
}

// A CROSS JOIN is walked from left to right by SQLite; PostgreSQL decides for itself.
std::string selection(const RecordQuery& query, const Walk& walk) {
  std::string text("SELECT");
  text.append(kColumns);
  if (walk.of_failures) {
    text.append(" FROM responses s CROSS JOIN requests r WHERE r.id = s.id");
  } else if (query.status == "ok") {
    text.append(" FROM requests r CROSS JOIN responses s WHERE s.id = r.id");
  } else {
    text.append(" FROM requests r LEFT JOIN responses s ON s.id = r.id WHERE 1 = 1");
  }
  const auto id = walk.id();
  text.append(" AND ").append(id).append(" >= :from AND ").append(id).append(" < :until");
  text.append(walk.by_index).append(walk.of_each);
  return text.append(" ORDER BY ").append(id).append(" DESC LIMIT ").append(std::to_string(query.count + 1));
}

// The id of the last row that a page walks to, where there are more behind it.
std::string last_of_walk(const RecordQuery& query, const Walk& walk) {
  const auto id = walk.id();
  std::string text("SELECT ");
  text.append(id).append(walk.of_failures ? " FROM responses s WHERE " : " FROM requests r WHERE ");
  text.append(id).append(" >= :from AND ").append(id).append(" < :until").append(walk.by_index);
  return text.append(" ORDER BY ")
      .append(id)
      .append(" DESC LIMIT 1 OFFSET ")
      .append(std::to_string(query.max_walked - 1));
}

// One row as it is fetched.
struct Fetched {
  RequestRow request;
  ResponseRow response;
  soci::indicator has_status = soci::i_null, has_output = soci::i_null, has_queue = soci::i_null,
                  has_compute = soci::i_null, has_total = soci::i_null;

  void into(soci::statement& statement) {
    auto& [id, user, principal, dialect, model, version, method, deployment, source, tags, input, files, bytes] =
        request;
    into_all(statement, id, user, principal, dialect, model, version, method, deployment, source, tags, input, files,
             bytes);
    statement.exchange(soci::into(response.status, has_status));
    statement.exchange(soci::into(response.output_json, has_output));
    statement.exchange(soci::into(response.queue_us, has_queue));
    statement.exchange(soci::into(response.compute_us, has_compute));
    statement.exchange(soci::into(response.total_us, has_total));
  }

  Record record() {
    if (has_status != soci::i_ok) return {request, std::nullopt};
    response.request_id = request.id;
    return {request, response};
  }
};

RecordPage fetch(soci::statement& statement, const std::string& text, const RecordQuery& query) {
  Fetched row;
  row.into(statement);
  statement.alloc();
  statement.prepare(text);
  statement.define_and_bind();
  statement.execute();
  RecordPage page;
  std::size_t bytes = 0;
  while (statement.fetch()) {
    if (page.records.size() == query.count || bytes >= query.max_bytes) {
      page.next = page.records.back().request.id;
      break;
    }
    page.records.push_back(row.record());
    bytes += row.request.input_json.size() + row.response.output_json.size();
  }
  return page;
}

}  // namespace

RecordPage find(soci::session& sql, const RecordQuery& query) {
  const auto walk = walk_of(query);
  std::int64_t from = query.from;
  const std::int64_t until = query.until == 0 ? std::numeric_limits<std::int64_t>::max() : query.until;
  const auto bind = [&](soci::statement& statement, const std::string& text) {
    use_all(statement, from, until);
    if (text.find(":status") != text.npos) statement.exchange(soci::use(query.status));
    if (text.find(":model") != text.npos) statement.exchange(soci::use(query.model));
  };
  std::optional<std::int64_t> next;
  if (!walk.of_each.empty()) {
    const auto text = last_of_walk(query, walk);
    std::int64_t last = 0;
    soci::statement statement(sql);
    bind(statement, text);
    statement.exchange(soci::into(last));
    statement.alloc();
    statement.prepare(text);
    statement.define_and_bind();
    if (statement.execute(true)) from = *(next = last);
  }
  const auto text = selection(query, walk);
  soci::statement statement(sql);
  bind(statement, text);
  auto page = fetch(statement, text, query);
  if (!page.next) page.next = next;
  return page;
}

std::optional<Record> record(soci::session& sql, std::int64_t id) {
  auto found = find(sql, {.from = id, .until = id + 1, .count = 1}).records;
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace berth::store
