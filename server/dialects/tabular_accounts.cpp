// SPDX-License-Identifier: Apache-2.0
#include "dialects/tabular_accounts.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "base/text.h"
#include "dialects/account_request.h"
#include "dialects/http_types.h"
#include "dialects/tabular_body.h"
#include "dialects/tabular_reply.h"

namespace berth::dialects {
namespace {

constexpr std::string_view kKnown = "User already exists";

using http::Access;
using identity::Accounts;
using identity::User;
using tabular::error_reply;
using tabular::message_reply;

Response user_reply(int status, std::string_view message, std::int64_t id) {
  return Response::json(status, json::ObjectText().text("message", message).number("user_id", id).done());
}

Response invalid_credentials() { return message_reply(401, "Invalid credentials"); }
Response user_not_found() { return message_reply(404, "User not found"); }

void add_user(identity::Gate& gate, const BodyLimits& limits, const Request& request, Reply&& reply) {
  const auto wanted = tabular::read_members(
      request, limits,
      {tabular::needed("username"), tabular::needed("password"), tabular::needed("email", core::ArgType::email)});
  if (!wanted) return reply.send(error_reply(wanted.error(), {}, request.id));
  if (auto may = gate.admit_registration(request.peer); !may) {
    return reply.send(error_reply(may.error(), {}, request.id));
  }
  auto username = json::text_at(*wanted, "username");
  if (const auto known = gate.accounts().user(username)) return reply.send(user_reply(409, kKnown, known->id));
  gate.accounts().add_user(
      {.username = std::move(username),
       .password = json::text_at(*wanted, "password"),
       .email = json::text_at(*wanted, "email")},
      {.name = "anonymous", .address = request.peer},
      [shared = std::make_shared<Reply>(std::move(reply)), id = request.id](const Result<User>& user) {
        const std::vector<std::string> names{"username", "password", "email"};
        if (user) return shared->send(user_reply(201, "User created successfully", user->id));
        // Somebody took the name just now. The accounts may be gone, so nobody can say who.
        if (user.error().code == Code::conflict) return shared->send(message_reply(409, kKnown));
        shared->send(error_reply(user.error(), {}, id, names));
      });
}

void log_in(identity::Gate& gate, const BodyLimits& limits, const Request& request, Reply&& reply) {
  const auto shown = tabular::read_members(request, limits, {tabular::needed("username"), tabular::needed("password")});
  if (!shown && shown.error().code == Code::invalid_argument) return reply.send(invalid_credentials());
  if (!shown) return reply.send(error_reply(shown.error(), {}, request.id));
  gate.log_in(json::text_at(*shown, "username"), json::text_at(*shown, "password"), request.peer,
              [shared = std::make_shared<Reply>(std::move(reply)), id = request.id](const Result<std::string>& token) {
                if (token) return shared->send(Response::json(200, json::ObjectText().text("token", *token).done()));
                const bool is_wrong = token.error().code == Code::unauthenticated;
                shared->send(is_wrong ? invalid_credentials() : error_reply(token.error(), {}, id));
              });
}

Response token_status(identity::Gate& gate, std::string_view token, const Request& request) {
  const auto holder = gate.identify_token(token, request.peer);
  if (holder && holder->deployment.empty()) return message_reply(200, "Token is valid");
  if (holder || holder.error().code == Code::unauthenticated) return message_reply(401, "Invalid token");
  return error_reply(holder.error(), {}, request.id);
}

void toggle(Accounts& accounts, const Request& request, const PathParams& params, Reply&& reply) {
  const auto word = to_lower(params["enabled"]);
  if (word != "true" && word != "false") {
    const Error error{Code::invalid_argument, "enabled: expected true or false"};
    return reply.send(error_reply(error, {}, request.id, std::vector<std::string>{"enabled"}));
  }
  accounts.change_user(
      number_of(params["id"]), {.enabled = word == "true"}, actor_of(request),
      [shared = std::make_shared<Reply>(std::move(reply)), id = request.id](const Result<User>& user) {
        if (user) return shared->send(user_reply(200, "User permission updated successfully", user->id));
        shared->send(user.error().code == Code::not_found ? user_not_found() : error_reply(user.error(), {}, id));
      });
}

void remove(Accounts& accounts, const Request& request, const PathParams& params, Reply&& reply) {
  accounts.remove_user(
      number_of(params["id"]), actor_of(request),
      [shared = std::make_shared<Reply>(std::move(reply)), id = request.id](const Result<>& removed) {
        if (removed) return shared->send(message_reply(200, "User deleted successfully"));
        shared->send(removed.error().code == Code::not_found ? user_not_found() : error_reply(removed.error(), {}, id));
      });
}

}  // namespace

void add_tabular_accounts(http::Router& router, identity::Gate& gate, const TabularOptions& options) {
  router.add(
      {"POST", "/register-user", Access::open, [&gate, options](Request&& request, const PathParams&, Reply&& reply) {
         if (!options.registration_open) return reply.send(message_reply(403, "Registration is closed"));
         add_user(gate, options.body, request, std::move(reply));
       }});
  router.add({"POST", "/token", Access::open,
              [&gate, limits = options.body](Request&& request, const PathParams&, Reply&& reply) {
                log_in(gate, limits, request, std::move(reply));
              }});
  router.add({"GET", "/token_status/{token}", Access::open,
              [&gate](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(token_status(gate, params["token"], request));
              }});
  router.add({"PUT", "/toggle-user-permission/{id}/{enabled}", Access::admin,
              [&gate](Request&& request, const PathParams& params, Reply&& reply) {
                toggle(gate.accounts(), request, params, std::move(reply));
              }});
  router.add({"DELETE", "/remove-user/{id}", Access::admin,
              [&gate](Request&& request, const PathParams& params, Reply&& reply) {
                remove(gate.accounts(), request, params, std::move(reply));
              }});
}

}  // namespace berth::dialects
