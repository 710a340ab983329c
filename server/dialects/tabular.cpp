// SPDX-License-Identifier: Apache-2.0
#include "dialects/tabular.h"

#include "dialects/tabular_accounts.h"
#include "dialects/tabular_predict.h"
#include "dialects/tabular_reply.h"

namespace berth::dialects {

void add_tabular(http::Router& router, core::Service& service, identity::Gate& gate, const TabularOptions& options) {
  add_tabular_accounts(router, gate, options);
  add_tabular_predict(router, service, gate, options);
  for (const auto* path :
       {"/register-user", "/token", "/token_status", "/predict", "/toggle-user-permission", "/remove-user"}) {
    router.set_errors(path, tabular::routing_errors());
  }
}

}  // namespace berth::dialects
