// SPDX-License-Identifier: Apache-2.0
// Many values of one statement at once.
#pragma once

#include <soci/soci.h>

namespace berth::store {

template <typename... Values>
void use_all(soci::statement& statement, const Values&... values) {
  (statement.exchange(soci::use(values)), ...);
}

template <typename... Values>
void into_all(soci::statement& statement, Values&... values) {
  (statement.exchange(soci::into(values)), ...);
}

}  // namespace berth::store
