// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_object.h"
#include "base/text.h"
#include "dialects/access_guard.h"
#include "dialects/deployments_routes.h"
#include "dialects/json_body.h"
#include "identity/api_key.h"

namespace berth::dialects::deployments {
namespace {

constexpr std::string_view kScheme = "token ";
// No operator's id is longer; what the audit log keeps of a login stays small.
constexpr std::size_t kMaxDeploymentBytes = 256;

struct Login {
  std::string deployment;
  std::string key;
};

tl::expected<Login, Response> read_login(const Request& request, const BodyLimits& limits) {
  const auto body = read_json_object(request, limits);
  if (!body) return tl::unexpected<Response>(body.error());
  BodyErrors errors;
  const auto text = [&](std::string_view name) {
    const auto* value = required_member(*body, name, BodyPlace(), errors);
    if (value != nullptr && !value->IsString()) errors.add(BodyPlace().at(name), "str type expected", "type_error.str");
    return value != nullptr && value->IsString() ? std::string(json::view(*value)) : std::string();
  };
  Login login{text("deployment_id"), text("api_token")};
  if (!errors.empty()) return tl::unexpected<Response>(errors.reply());
  return login;
}

// The key in `Authorization: Token KEY`.
std::optional<std::string_view> key_in_header(const Request& request) {
  const auto header = request.header("authorization");
  if (!header || to_lower(header->substr(0, kScheme.size())) != kScheme) return std::nullopt;
  return header->substr(kScheme.size());
}

// In the audit log.
std::string name_of(const identity::Principal& caller) {
  return std::string(caller.name).append(" key ").append(std::to_string(caller.key_id));
}
std::string target_of(const Login& login) { return std::string("deployment ").append(login.deployment); }

// Whose key that is, if they are a user of the deployment. Only a key, which an admin gave, is worth a token: a token
// would be worth itself for ever. What was wrong is not told, but the audit log has it.
Result<identity::Principal> find_user(const Context& context, const Login& login, const Request& request) {
  auto no = failure(Code::unauthenticated, "wrong api token or deployment");
  if (login.deployment.size() > kMaxDeploymentBytes || login.deployment.find('\0') != login.deployment.npos) return no;
  auto& accounts = context.gate.accounts();
  const auto refuse = [&](std::string name) {
    accounts.note({.name = std::move(name), .address = request.peer}, "login.refused", target_of(login));
    return no;
  };
  const auto shown = key_in_header(request);
  if (!shown || !identity::equal_secrets(*shown, login.key)) return refuse("anonymous");
  auto caller = accounts.find_key(login.key);
  if (!caller && caller.error().code != Code::unauthenticated) return caller;
  if (!caller) return refuse("anonymous");
  if (!context.book->find(login.deployment, *caller)) return refuse(name_of(*caller));
  caller->address = request.peer;
  return caller;
}

// A good login counts for its sender's quota.
Result<std::string> log_in(const Context& context, const Login& login, Request& request, Reply& reply) {
  if (auto may_try = context.gate.admit_login(request.peer); !may_try) return tl::unexpected<Error>(may_try.error());
  const auto caller = find_user(context, login, request);
  // Accounts that cannot be read are no fault of the sender's.
  if (caller || caller.error().code != Code::unauthenticated) context.gate.login_succeeded(request.peer);
  if (!caller) return tl::unexpected<Error>(caller.error());
  if (auto counted = admit_caller(context.gate, *caller, {}, request, reply); !counted) {
    return tl::unexpected<Error>(counted.error());
  }
  context.gate.accounts().note({.name = name_of(*caller), .address = request.peer}, "login", target_of(login));
  return context.gate.issue_token(*caller, login.deployment);
}

}  // namespace

void add_login(http::Router& router, const Context& context) {
  for (const auto* path : {"/api/login", "/api/auth/login"}) {
    router.add({"POST", path, http::Access::open, [context](Request&& request, const PathParams&, Reply&& reply) {
                  const auto login = read_login(request, context.limits);
                  if (!login) return reply.send(login.error());
                  const auto token = log_in(context, *login, request, reply);
                  if (!token) return reply.send(detail_error(token.error(), {}, request.id));
                  reply.send(Response::json(200, json::ObjectText().text("jwt", *token).done()));
                }});
  }
}

}  // namespace berth::dialects::deployments
