// SPDX-License-Identifier: Apache-2.0
// Tabular: the API of a service that gives a probability for a row of features to users who register and hold a token.
#pragma once

#include <string>

#include "core/service.h"
#include "dialects/request_fields.h"
#include "http/router.h"
#include "identity/gate.h"

namespace berth::dialects {

struct TabularOptions {
  std::string model = {};  // answers /predict; takes rows of features, as those of the plugin tabular_classifier
  bool registration_open = false;  // whether strangers may make themselves users
  BodyLimits body = {};
};

// docs/tabular.md has every route. `service` and `gate` must outlive the router.
void add_tabular(http::Router& router, core::Service& service, identity::Gate& gate, const TabularOptions& options);

}  // namespace berth::dialects
