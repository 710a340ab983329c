// SPDX-License-Identifier: Apache-2.0
// Registering, logging in, and what admins do with users, in the words of the tabular API.
#pragma once

#include "dialects/tabular.h"

namespace berth::dialects {

void add_tabular_accounts(http::Router& router, identity::Gate& gate, const TabularOptions& options);

}  // namespace berth::dialects
