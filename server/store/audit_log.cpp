// SPDX-License-Identifier: Apache-2.0
#include "store/audit_log.h"

#include <soci/soci.h>

#include <chrono>

#include "base/json.h"
#include "base/sha256.h"
#include "store/row.h"

namespace berth::store {
namespace {

constexpr const char* kColumns = "id, created_datetime, actor, address, action, target, detail, hash";

const std::string& first_previous() {
  static const std::string kZeros(64, '0');
  return kZeros;
}

// Reads entries one after another into `entry`.
soci::statement read_entries(soci::session& sql, const std::string& rest, AuditEntry& entry) {
  return (sql.prepare << std::string("SELECT ").append(kColumns).append(" FROM audit_log ").append(rest),
          soci::into(entry.id), soci::into(entry.created), soci::into(entry.actor), soci::into(entry.address),
          soci::into(entry.action), soci::into(entry.target), soci::into(entry.detail_json), soci::into(entry.hash));
}

}  // namespace

std::string hash_of(const AuditEntry& entry, const std::string& previous) {
  std::string text = previous;
  text.append("\n[").append(std::to_string(entry.id));
  for (const auto* part :
       {&entry.created, &entry.actor, &entry.address, &entry.action, &entry.target, &entry.detail_json}) {
    text.append(",").append(json::quote(*part));
  }
  text.append("]");
  Sha256 digest;
  digest.update(text);
  return digest.hex();
}

void append(soci::session& sql, AuditEntry entry) {
  std::int64_t last = 0;
  std::string previous = first_previous();
  sql << "SELECT id, hash FROM audit_log ORDER BY id DESC LIMIT 1", soci::into(last), soci::into(previous);
  if (last == 0) previous = first_previous();
  entry.id = last + 1;
  entry.created = time_text(std::chrono::system_clock::now());
  entry.hash = hash_of(entry, previous);
  sql << std::string("INSERT INTO audit_log (")
             .append(kColumns)
             .append(") VALUES (:id, :created, :actor, :address, :action, :target, :detail, :hash)"),
      soci::use(entry.id), soci::use(entry.created), soci::use(entry.actor), soci::use(entry.address),
      soci::use(entry.action), soci::use(entry.target), soci::use(entry.detail_json), soci::use(entry.hash);
}

std::vector<AuditEntry> newest(soci::session& sql, std::int64_t before, std::size_t count) {
  std::string rest = before > 0 ? "WHERE id < " + std::to_string(before) : "";
  rest.append(" ORDER BY id DESC LIMIT ").append(std::to_string(count));
  AuditEntry entry;
  auto rows = read_entries(sql, rest, entry);
  std::vector<AuditEntry> entries;
  rows.execute();
  while (rows.fetch()) entries.push_back(entry);
  return entries;
}

AuditVerdict verify(soci::session& sql) {
  AuditVerdict verdict;
  verdict.last_hash = first_previous();
  AuditEntry entry;
  auto rows = read_entries(sql, "ORDER BY id", entry);
  rows.execute();
  while (rows.fetch()) {
    const bool follows = entry.id == verdict.count + 1;
    if (!follows || entry.hash != hash_of(entry, verdict.last_hash)) {
      verdict.first_altered = follows ? entry.id : verdict.count + 1;
      break;
    }
    ++verdict.count;
    verdict.last_hash = entry.hash;
  }
  return verdict;
}

}  // namespace berth::store
