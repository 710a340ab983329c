// SPDX-License-Identifier: Apache-2.0
#include "store/migrations.h"

#include <gmock/gmock.h>
#include <soci/soci.h>

#include "store/both_databases.h"
#include "store/connection.h"

namespace berth::store {
namespace {

using Migrations = BothDatabases;
INSTANTIATE_TEST_SUITE_P(On, Migrations, both_kinds(), name_of_kind);

TEST_P(Migrations, AreAppliedOnceEach) {
  for (int i = 0; i < 2; ++i) {
    open();
    int steps = 0, last = 0;
    ASSERT_TRUE(database_->read([&](soci::session& sql) -> Result<> {
      sql << "SELECT COUNT(*), MAX(version) FROM schema_versions", soci::into(steps), soci::into(last);
      return {};
    }));
    EXPECT_EQ(steps, latest_version());
    EXPECT_EQ(last, latest_version());
  }
}

TEST_P(Migrations, ThatFailLeaveTheDatabaseAsItWas) {
  database_.reset();
  const auto url = parse_database_url(options_.url);
  auto sql = connect(*url, Use::write);
  ASSERT_TRUE(sql);
  **sql << "DROP TABLE schema_versions";
  // The first step's tables are there already, so it cannot be done again.
  EXPECT_THROW((void)migrate(**sql, url->kind), soci::soci_error);
  (*sql)->rollback();
  int count = -1;
  EXPECT_THROW(((**sql << "SELECT COUNT(*) FROM schema_versions"), soci::into(count)), soci::soci_error);
}

TEST(MigrationSteps, HaveNoWordLeftThatOneDatabaseDoesNotKnow) {
  for (int version = 1; version <= latest_version(); ++version) {
    for (const auto kind : {DatabaseKind::sqlite, DatabaseKind::postgresql}) {
      const auto statements = migration(version, kind);
      EXPECT_FALSE(statements.empty());
      for (const auto& statement : statements) EXPECT_EQ(statement.find('{'), std::string::npos) << statement;
    }
  }
}

}  // namespace
}  // namespace berth::store
