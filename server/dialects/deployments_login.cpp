// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>

#include "base/json_object.h"
#include "base/text.h"
#include "dialects/deployments_routes.h"
#include "dialects/json_body.h"
#include "identity/api_key.h"

namespace berth::dialects::deployments {
namespace {

constexpr std::string_view kScheme = "token ";

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

// Only a key, which an admin gave, is worth a token: a token would be worth itself for ever. What was wrong is not
// told.
Result<std::string> log_in(const Context& context, const Login& login, const Request& request) {
  const auto no = failure(Code::unauthenticated, "wrong api token or deployment");
  const auto shown = key_in_header(request);
  if (!shown || !identity::equal_secrets(*shown, login.key)) return no;
  auto& accounts = context.gate.accounts();
  const auto caller = accounts.find_key(login.key);
  if (!caller) return caller.error().code == Code::unauthenticated ? no : failure(caller.error());
  const identity::Actor actor{.name = caller->name + " key " + std::to_string(caller->key_id), .address = request.peer};
  const bool is_user = context.book->find(login.deployment, *caller).has_value();
  accounts.note(actor, is_user ? "login" : "login.refused", "deployment " + login.deployment);
  if (!is_user) return no;
  return context.gate.issue_token(*caller, login.deployment);
}

}  // namespace

void add_login(http::Router& router, const Context& context) {
  for (const auto* path : {"/api/login", "/api/auth/login"}) {
    router.add({"POST", path, http::Access::open, [context](Request&& request, const PathParams&, Reply&& reply) {
                  const auto login = read_login(request, context.limits);
                  if (!login) return reply.send(login.error());
                  const auto token = log_in(context, *login, request);
                  if (!token) return reply.send(detail_error(token.error(), {}, request.id));
                  reply.send(Response::json(200, json::ObjectText().text("jwt", *token).done()));
                }});
  }
}

}  // namespace berth::dialects::deployments
