// SPDX-License-Identifier: Apache-2.0
#include "store/audit_log.h"

#include <gmock/gmock.h>
#include <soci/soci.h>

#include "store/both_databases.h"

namespace berth::store {
namespace {

class AuditLog : public BothDatabases {
 protected:
  void change(const std::function<void(soci::session&)>& change) {
    ASSERT_TRUE(database_->write([&](soci::session& sql) -> Result<> {
      change(sql);
      return {};
    }));
  }
  void add(int count) {
    change([count](soci::session& sql) {
      for (int i = 0; i < count; ++i) {
        append(sql, {.actor = "admin",
                     .address = "127.0.0.1",
                     .action = "user.create",
                     .target = "user " + std::to_string(i),
                     .detail_json = R"({"name":"\"ü\""})"});
      }
    });
  }
  AuditVerdict verdict() {
    AuditVerdict found;
    change([&](soci::session& sql) { found = verify(sql); });
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(On, AuditLog, both_kinds(), name_of_kind);

TEST_P(AuditLog, HoldsItsEntriesInOrder) {
  add(3);
  open();
  add(2);
  const auto found = verdict();
  EXPECT_EQ(found.first_altered, std::nullopt);
  EXPECT_EQ(found.count, 5);
  std::vector<AuditEntry> page;
  change([&](soci::session& sql) { page = newest(sql, 0, 2); });
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].id, 5);
  EXPECT_EQ(page[0].hash, found.last_hash);
  change([&](soci::session& sql) { page = newest(sql, page[1].id, 100); });
  EXPECT_EQ(page.size(), 3U);
}

TEST_P(AuditLog, OfNothingIsGood) {
  EXPECT_EQ(verdict().first_altered, std::nullopt);
  EXPECT_EQ(verdict().count, 0);
}

TEST_P(AuditLog, NamesTheFirstEntryOfWhichAnythingWasChanged) {
  for (const auto* column : {"created_datetime", "actor", "address", "action", "target", "detail", "hash"}) {
    SCOPED_TRACE(column);
    change([](soci::session& sql) { sql << "DELETE FROM audit_log"; });
    add(5);
    change([column](soci::session& sql) {
      sql << std::string("UPDATE audit_log SET ").append(column).append(" = 'x' WHERE id IN (3, 5)");
    });
    EXPECT_EQ(verdict().first_altered, 3);
  }
}

TEST_P(AuditLog, MissesAnEntryThatWasTakenOutOrPutIn) {
  add(5);
  change([](soci::session& sql) { sql << "DELETE FROM audit_log WHERE id = 2"; });
  EXPECT_EQ(verdict().first_altered, 2);
  change([](soci::session& sql) { sql << "UPDATE audit_log SET id = id - 1 WHERE id > 2"; });
  EXPECT_EQ(verdict().first_altered, 2) << "closing the gap does not help";
}

TEST(AuditHash, IsWhatTheDocumentationSays) {
  // printf '%s\n%s' 000…0 '[1,"t","a","b","c","d","{}"]' | sha256sum
  const AuditEntry entry{.id = 1, .created = "t", .actor = "a", .address = "b", .action = "c", .target = "d"};
  EXPECT_EQ(hash_of(entry, std::string(64, '0')), "7d5c0ca6b4c5a247c6eeb45975f65d4f74c75b0e7e44fced52047c2b9d70a15d");
}

}  // namespace
}  // namespace berth::store
