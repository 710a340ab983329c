// SPDX-License-Identifier: Apache-2.0
// POST /predict of the tabular API: one row of features, and the probability that a model gives it.
#pragma once

#include "dialects/tabular.h"

namespace berth::dialects {

void add_tabular_predict(http::Router& router, core::Service& service, identity::Gate& gate,
                         const TabularOptions& options);

}  // namespace berth::dialects
