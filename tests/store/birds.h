// SPDX-License-Identifier: Apache-2.0
// What tests of a database write to a table of theirs.
#pragma once

#include <gtest/gtest.h>
#include <soci/soci.h>

#include "store/database.h"

namespace berth::store {

// How many rows the table `birds` has; -1, and a failure, where it cannot be read.
inline int count_birds(Database& database) {
  int count = -1;
  EXPECT_TRUE(database.read([&count](soci::session& sql) -> Result<> {
    sql << "SELECT COUNT(*) FROM birds", soci::into(count);
    return {};
  }));
  return count;
}

}  // namespace berth::store
