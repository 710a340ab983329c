// SPDX-License-Identifier: Apache-2.0
#include "dialects/own_guard.h"

#include <utility>

#include "dialects/access_guard.h"

namespace berth::dialects {
namespace {

Result<> check_deployment(const identity::Principal& caller, std::string_view wanted) {
  if (caller.deployment == wanted) return {};
  if (wanted.empty()) return failure(Code::forbidden, "this token is for a deployment alone");
  if (caller.deployment.empty()) return failure(Code::forbidden, "this key or token is not for a deployment");
  return failure(Code::forbidden, "this token is for another deployment");
}

}  // namespace

http::Guard make_own_guard(identity::Gate& gate, OwnRule rule) {
  return [&gate, rule = std::move(rule)](http::Request& request, const http::PathParams& params, http::Access access,
                                         http::Reply& reply) -> Result<> {
    if (access == http::Access::open) return {};
    const auto shown = rule.credential(request);
    if (!shown) return failure(rule.nothing_shown);
    auto caller = gate.identify(*shown, request.peer);
    if (!caller) {
      return failure(caller.error().code == Code::unauthenticated ? rule.not_good : caller.error());
    }
    const auto deployment = rule.deployment_name.empty() ? std::string_view() : params[rule.deployment_name];
    if (auto is_for_it = check_deployment(*caller, deployment); !is_for_it) return is_for_it;
    if (auto may = check_access(*caller, access, params["model"]); !may) return may;
    return admit_caller(gate, *std::move(caller), rule.model ? rule.model(params) : std::string(), request, reply);
  };
}

}  // namespace berth::dialects
