// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_records.h"

#include <memory>
#include <string>
#include <utility>

#include "base/json_object.h"
#include "dialects/access_guard.h"
#include "dialects/account_request.h"
#include "dialects/admin_error.h"
#include "dialects/http_types.h"
#include "dialects/record_json.h"
#include "http/body.h"

namespace berth::dialects {
namespace {

using http::Access;
using identity::Role;
using records::Records;

// A key that is good for some models only shows no others' calls.
bool sees_all(const identity::Principal& caller) {
  return (caller.role == Role::admin || caller.role == Role::viewer) && caller.narrowed_to == nullptr;
}

bool may_see(const identity::Principal& caller, const store::Record& record) {
  return sees_all(caller) || (caller.user_id != 0 && record.request.user_id == caller.user_id);
}

// The query again, from `next` on; relative to where the request went.
std::string link_to(const Request& request, const std::string& next) {
  std::string link = "<?until=" + next;
  for (const auto& [name, value] : request.query) {
    if (name != "until") link.append("&").append(name).append("=").append(http::percent_encode(value));
  }
  return link + ">; rel=\"next\"";
}

Response page(const Request& request, const RecordsAsked& asked, const store::RecordPage& found) {
  const auto next = found.next ? std::to_string(*found.next) : "";
  auto response =
      Response::bytes(200, content_type_of(asked.format), Bytes(to_text(found.records, asked.format, next)));
  if (!next.empty()) response.headers.emplace_back("Link", link_to(request, next));
  return response;
}

void list(Records& records, Request&& request, Reply&& reply) {
  auto asked = read_records_query(request.query);
  if (!asked) return reply.send(admin_error(asked.error(), {}, request.id));
  const auto& caller = caller_of(request);
  if (!sees_all(caller)) {
    const bool others = asked->query.user_id && *asked->query.user_id != caller.user_id;
    if (others || caller.user_id == 0) {
      return reply.send(admin_error(Error{Code::forbidden, "users see their own records alone"}, {}, request.id));
    }
    asked->query.user_id = caller.user_id;
  }
  const auto query = asked->query;
  records.find(query,
               [asked = std::move(*asked), shared = std::make_shared<Reply>(std::move(reply)),
                request = std::make_shared<const Request>(std::move(request))](const Result<store::RecordPage>& found) {
                 shared->send(found ? page(*request, asked, *found)
                                    : admin_error_for(caller_of(*request), found.error(), request->id));
               });
}

void show(Records& records, const Request& request, std::int64_t id, Reply&& reply) {
  records.find(id, [shared = std::make_shared<Reply>(std::move(reply)), id = request.id,
                    caller = request.caller](const Result<std::optional<store::Record>>& found) {
    if (!found) return shared->send(admin_error_for(*caller, found.error(), id));
    // Somebody else's is as one that is not there.
    if (!*found || !may_see(*caller, **found)) {
      return shared->send(admin_error(Error{Code::not_found, "there is no such record"}, {}, id));
    }
    shared->send(Response::json(200, to_json(**found)));
  });
}

void remove(Records& records, identity::Accounts& accounts, const Request& request, std::int64_t user, Reply&& reply) {
  if (user == 0) return reply.send(admin_error(Error{Code::not_found, "there is no such user"}, {}, request.id));
  records.remove_of_user(user, [&accounts, user, actor = actor_of(request), id = request.id,
                                shared = std::make_shared<Reply>(std::move(reply))](const Result<std::int64_t>& gone) {
    if (!gone) return shared->send(admin_error(gone.error(), {}, id));
    auto text = json::ObjectText().number("removed", *gone).done();
    accounts.note(actor, "records.remove", "user " + std::to_string(user), text);
    shared->send(Response::json(200, std::move(text)));
  });
}

}  // namespace

void add_admin_records(http::Router& router, Records& records, identity::Gate& gate) {
  const std::string all = "/v2/berth/records";
  router.add({"GET", all, Access::known, [&records](Request&& request, const PathParams&, Reply&& reply) {
                list(records, std::move(request), std::move(reply));
              }});
  router.add(
      {"GET", all + "/{id}", Access::known, [&records](Request&& request, const PathParams& params, Reply&& reply) {
         show(records, request, number_of(params["id"]), std::move(reply));
       }});
  router.add({"DELETE", "/v2/berth/users/{id}/records", Access::admin,
              [&records, &accounts = gate.accounts()](Request&& request, const PathParams& params, Reply&& reply) {
                remove(records, accounts, request, number_of(params["id"]), std::move(reply));
              }});
}

}  // namespace berth::dialects
