// SPDX-License-Identifier: Apache-2.0
// OwnGuard: the guard of routes whose dialect has a place of its own for the credential, and words of its own for who
// has none.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/router.h"
#include "identity/gate.h"

namespace berth::dialects {

struct OwnRule {
  // What the request shows of its sender, a key or token; nullopt: nothing. The view is into the request. [io]
  std::function<std::optional<std::string_view>(const http::Request&)> credential;
  // What is said where it shows nothing, and where what it shows is not good.
  Error nothing_shown;
  Error not_good;
  // The route's {name} of the deployment that the token has to be for. "": tokens of deployments open nothing here.
  std::string deployment_name = {};
  // The model whose quota the call counts for as well; empty: none.
  std::function<std::string(const http::PathParams&)> model = {};
};

// For Route::guard: nobody comes in who shows nothing, programs on this machine neither; else as the route's access
// says. The dialect's RoutingErrors::refused words what it refuses: the rule's errors; forbidden; throttled or
// too_large, by a quota; busy, where the accounts cannot be read. `gate` must outlive it.
http::Guard make_own_guard(identity::Gate& gate, OwnRule rule);

}  // namespace berth::dialects
