// SPDX-License-Identifier: Apache-2.0
// BothDatabases: a test that runs on an empty SQLite file and on an empty PostgreSQL database.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "store/database.h"
#include "store/database_url.h"
#include "support/postgres_server.h"
#include "support/temp_folder.h"

namespace berth::store {

class BothDatabases : public testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    if (GetParam() == DatabaseKind::sqlite) {
      options_.url = "sqlite:" + (folder_ / "berth.db").string();
    } else if (auto* server = test::shared_postgres()) {
      options_.url = server->make_database();
    } else {
      GTEST_SKIP() << "PostgreSQL is not installed";
    }
    open();
  }

  void open() {
    database_.reset();
    auto opened = Database::open(options_);
    // Ends the test, where ASSERT_TRUE would only end this function.
    if (!opened) throw std::runtime_error(opened.error().message);
    database_ = std::move(*opened);
    EXPECT_EQ(database_->problem(), "");
  }

  test::TempFolder folder_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
};

inline auto both_kinds() { return testing::Values(DatabaseKind::sqlite, DatabaseKind::postgresql); }
inline std::string name_of_kind(const testing::TestParamInfo<DatabaseKind>& info) {
  return info.param == DatabaseKind::sqlite ? "Sqlite" : "Postgresql";
}

}  // namespace berth::store
