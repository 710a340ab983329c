// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_accounts.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/json_object.h"
#include "dialects/access_guard.h"
#include "dialects/account_json.h"
#include "dialects/account_request.h"
#include "dialects/admin_error.h"
#include "dialects/http_types.h"

namespace berth::dialects {
namespace {

using http::Access;
using identity::Accounts;

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;

template <typename T>
std::string list_text(const std::vector<T>& all) {
  std::string text = "[";
  for (const auto& each : all) text.append(text.size() > 1 ? "," : "").append(to_json(each));
  return text += ']';
}

// Sends what comes out as JSON with that status, or the error.
template <typename T>
Accounts::Done<T> reply_with(Reply&& reply, std::string request_id, int status = 200) {
  return [shared = std::make_shared<Reply>(std::move(reply)), id = std::move(request_id), status](Result<T> result) {
    if (!result) return shared->send(admin_error(result.error(), {}, id));
    if constexpr (std::is_void_v<T>) {
      shared->send(Response::empty(status));
    } else {
      shared->send(Response::json(status, to_json(*result)));
    }
  };
}

// The body as text that is small enough to be read here.
Result<std::string_view> body_of(const Request& request, const BodyLimits& limits) {
  if (request.body.size() > limits.max_json_bytes) {
    return failure(Code::too_large, "the body is larger than limits.max_json_bytes");
  }
  return request.body.view();
}

// Reads a body, and does something with what it says; or tells what is wrong with it.
template <typename Read, typename Act>
void with_body(Request&& request, Reply&& reply, const BodyLimits& limits, Read read, Act act) {
  auto wanted = body_of(request, limits).and_then(read);
  if (!wanted) return reply.send(admin_error(wanted.error(), {}, request.id));
  act(std::move(*wanted), std::move(request), std::move(reply));
}

std::string token_text(const std::string& token) { return json::ObjectText().text("token", token).done(); }

void add_login(http::Router& router, identity::Gate& gate, const BodyLimits& limits) {
  router.add(
      {"POST", "/v2/berth/login", Access::open, [&gate, limits](Request&& request, const PathParams&, Reply&& reply) {
         with_body(
             std::move(request), std::move(reply), limits, read_login,
             [&gate](Login login, Request&& from, Reply&& to) {
               gate.log_in(
                   login.username, std::move(login.password), from.peer,
                   [shared = std::make_shared<Reply>(std::move(to)), id = from.id](const Result<std::string>& token) {
                     shared->send(token ? Response::json(200, token_text(*token)) : admin_error(token.error(), {}, id));
                   });
             });
       }});
  router.add({"GET", "/v2/berth/me", Access::known, [](Request&& request, const PathParams&, Reply&& reply) {
                const auto& caller = caller_of(request);
                auto text = json::ObjectText()
                                .text("username", caller.name)
                                .text("role", to_string(caller.role))
                                .number("user_id", caller.user_id)
                                .number("key_id", caller.key_id)
                                .done();
                reply.send(Response::json(200, std::move(text)));
              }});
}

void add_users(http::Router& router, identity::Gate& gate, const BodyLimits& limits) {
  auto& accounts = gate.accounts();
  const std::string all = "/v2/berth/users", one = all + "/{id}";
  router.add({"GET", all, Access::admin, [&accounts](Request&&, const PathParams&, Reply&& reply) {
                reply.send(Response::json(200, list_text(accounts.users())));
              }});
  router.add({"POST", all, Access::admin, [&accounts, limits](Request&& request, const PathParams&, Reply&& reply) {
                with_body(std::move(request), std::move(reply), limits, read_user,
                          [&accounts](identity::UserChange user, Request&& from, Reply&& to) {
                            accounts.add_user(std::move(user), actor_of(from),
                                              reply_with<identity::User>(std::move(to), from.id, 201));
                          });
              }});
  router.add({"GET", one, Access::admin, [&accounts](Request&& request, const PathParams& params, Reply&& reply) {
                const auto user = accounts.user(number_of(params["id"]));
                reply.send(user ? Response::json(200, to_json(*user)) : admin_error(user.error(), {}, request.id));
              }});
  router.add(
      {"PATCH", one, Access::admin, [&accounts, limits](Request&& request, const PathParams& params, Reply&& reply) {
         with_body(std::move(request), std::move(reply), limits, read_user,
                   [&accounts, id = number_of(params["id"])](identity::UserChange user, Request&& from, Reply&& to) {
                     accounts.change_user(id, std::move(user), actor_of(from),
                                          reply_with<identity::User>(std::move(to), from.id));
                   });
       }});
  router.add({"DELETE", one, Access::admin, [&accounts](Request&& request, const PathParams& params, Reply&& reply) {
                accounts.remove_user(number_of(params["id"]), actor_of(request),
                                     reply_with<void>(std::move(reply), request.id, 204));
              }});
  router.add(
      {"POST", one + "/token", Access::admin, [&gate](Request&& request, const PathParams& params, Reply&& reply) {
         const auto token = gate.issue_token_for(number_of(params["id"]), actor_of(request));
         reply.send(token ? Response::json(200, token_text(*token)) : admin_error(token.error(), {}, request.id));
       }});
}

void add_keys(http::Router& router, Accounts& accounts, const BodyLimits& limits) {
  const std::string of_user = "/v2/berth/users/{id}/keys", one = "/v2/berth/keys/{id}";
  router.add({"GET", of_user, Access::admin, [&accounts](Request&& request, const PathParams& params, Reply&& reply) {
                const auto user = accounts.user(number_of(params["id"]));
                if (!user) return reply.send(admin_error(user.error(), {}, request.id));
                reply.send(Response::json(200, list_text(accounts.keys(user->id))));
              }});
  router.add(
      {"POST", of_user, Access::admin, [&accounts, limits](Request&& request, const PathParams& params, Reply&& reply) {
         with_body(std::move(request), std::move(reply), limits, read_key,
                   [&accounts, id = number_of(params["id"])](identity::KeyChange key, Request&& from, Reply&& to) {
                     accounts.add_key(id, std::move(key), actor_of(from),
                                      reply_with<identity::NewKey>(std::move(to), from.id, 201));
                   });
       }});
  router.add(
      {"PATCH", one, Access::admin, [&accounts, limits](Request&& request, const PathParams& params, Reply&& reply) {
         with_body(std::move(request), std::move(reply), limits, read_key,
                   [&accounts, id = number_of(params["id"])](identity::KeyChange key, Request&& from, Reply&& to) {
                     accounts.change_key(id, std::move(key), actor_of(from),
                                         reply_with<identity::Key>(std::move(to), from.id));
                   });
       }});
  router.add({"DELETE", one, Access::admin, [&accounts](Request&& request, const PathParams& params, Reply&& reply) {
                accounts.remove_key(number_of(params["id"]), actor_of(request),
                                    reply_with<void>(std::move(reply), request.id, 204));
              }});
}

void add_audit(http::Router& router, Accounts& accounts) {
  router.add(
      {"GET", "/v2/berth/audit", Access::admin, [&accounts](Request&& request, const PathParams&, Reply&& reply) {
         const auto asked = [&request](std::string_view name) {
           const auto values = all_of(request.query, name);
           return values.empty() ? 0 : number_of(values.front());
         };
         const auto count = static_cast<std::size_t>(asked("count"));
         accounts.read_audit(
             asked("before"), count == 0 ? kUsualPage : std::min(count, kLargestPage),
             [shared = std::make_shared<Reply>(std::move(reply)),
              id = request.id](const Result<std::vector<store::AuditEntry>>& entries) {
               shared->send(entries ? Response::json(200, list_text(*entries)) : admin_error(entries.error(), {}, id));
             });
       }});
  router.add({"GET", "/v2/berth/audit/verify", Access::admin,
              [&accounts](Request&& request, const PathParams&, Reply&& reply) {
                accounts.verify_audit(reply_with<store::AuditVerdict>(std::move(reply), request.id));
              }});
}

}  // namespace

void add_admin_accounts(http::Router& router, identity::Gate& gate, const BodyLimits& limits) {
  add_login(router, gate, limits);
  add_users(router, gate, limits);
  add_keys(router, gate.accounts(), limits);
  add_audit(router, gate.accounts());
}

}  // namespace berth::dialects
