// SPDX-License-Identifier: Apache-2.0
#include "dialects/access_guard.h"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_object.h"
#include "dialects/account_request.h"
#include "dialects/error_status.h"
#include "http/address.h"

namespace berth::dialects {
namespace {

using http::Access;
using identity::Principal;
using identity::Role;

constexpr std::array<std::string_view, 5> kForwarding = {"forwarded", "x-forwarded-for", "x-forwarded-host",
                                                         "x-real-ip", "via"};

// Ends what was admitted once it is answered, and says in the answer what is left of the quota.
class CountedSink final : public http::ReplySink {
 public:
  CountedSink(std::unique_ptr<http::ReplySink> inner, identity::Admission admission)
      : inner_(std::move(inner)), admission_(std::move(admission)) {}

  void deliver(http::Response response) override {
    if (const auto& left = admission_.rate_limit) {
      response.headers.emplace_back("RateLimit-Limit", std::to_string(left->limit));
      response.headers.emplace_back("RateLimit-Remaining", std::to_string(left->remaining));
      response.headers.emplace_back("RateLimit-Reset", std::to_string(left->reset.count()));
    }
    admission_.ticket = {};
    inner_->deliver(std::move(response));
  }

 private:
  std::unique_ptr<http::ReplySink> inner_;
  identity::Admission admission_;
};

// Puts into the audit log what came of a request that changes a model.
class AuditedSink final : public http::ReplySink {
 public:
  AuditedSink(std::unique_ptr<http::ReplySink> inner, identity::Gate& gate, const http::Request& request,
              std::string_view model)
      : inner_(std::move(inner)),
        gate_(gate),
        actor_(actor_of(request)),
        target_(std::string("model ").append(model)),
        asked_(std::string(request.method).append(" ").append(request.path)) {}

  void deliver(http::Response response) override {
    auto detail = json::ObjectText().text("request", clean_text(asked_)).number("status", response.status).done();
    gate_.accounts().note(actor_, "model.change", target_, std::move(detail));
    inner_->deliver(std::move(response));
  }

 private:
  std::unique_ptr<http::ReplySink> inner_;
  identity::Gate& gate_;
  const identity::Actor actor_;
  const std::string target_, asked_;
};

bool may_use(const Principal& caller, Access access, std::string_view model) {
  switch (access) {
    case Access::open:
    case Access::caller: return true;
    case Access::known: return caller.is_known();
    case Access::watch: return caller.role == Role::viewer || caller.role == Role::admin;
    case Access::manage: return caller.is_known() && identity::may(caller, identity::Right::manage, model);
    case Access::admin: return caller.role == Role::admin && caller.narrowed_to == nullptr;
  }
  return false;
}

tl::unexpected<Error> refuse(const Principal& caller, Access access) {
  if (!caller.is_known()) return failure(Code::unauthenticated, "a key or token is needed");
  if (access == Access::manage) return failure(Code::forbidden, "the right to manage this model is needed");
  if (access == Access::watch) return failure(Code::forbidden, "viewers and admins alone may see this");
  return failure(Code::forbidden, "admins alone may do this");
}

}  // namespace

bool is_local(const http::Request& request) {
  if (!http::is_loopback(request.peer)) return false;
  // A loopback address that a trusted proxy named is this machine's only where the proxy is on it, too.
  if (!request.proxy.empty()) return http::is_loopback(request.proxy);
  return std::ranges::none_of(request.headers, [](const auto& header) {
    return std::ranges::find(kForwarding, header.first) != kForwarding.end();
  });
}

Result<> check_access(const Principal& caller, Access access, std::string_view model) {
  if (!may_use(caller, access, model)) return refuse(caller, access);
  return {};
}

Result<> admit_caller(identity::Gate& gate, Principal caller, std::string_view model, http::Request& request,
                      http::Reply& reply) {
  auto admitted = gate.admit(caller, model, request.body.size());
  if (!admitted) {
    identity::Admission nothing{{}, admitted.error().rate_limit};
    reply = http::Reply(std::make_unique<CountedSink>(reply.release(), std::move(nothing)));
    return failure(error_of(admitted.error()));
  }
  request.caller = std::make_shared<const Principal>(std::move(caller));
  if (admitted->is_counted()) {
    reply = http::Reply(std::make_unique<CountedSink>(reply.release(), std::move(*admitted)));
  }
  return {};
}

http::Guard make_access_guard(identity::Gate& gate) {
  return
      [&gate](http::Request& request, const http::PathParams& params, Access access, http::Reply& reply) -> Result<> {
        if (access == Access::open) return {};
        auto caller = gate.identify({.authorization = request.header("authorization"),
                                     .x_api_key = request.header("x-api-key"),
                                     .address = request.peer,
                                     .is_local = is_local(request)});
        if (!caller) return tl::unexpected<Error>(caller.error());
        // A token of one deployment opens that deployment's routes, which ask for themselves, and nothing else.
        if (!caller->deployment.empty()) return failure(Code::forbidden, "this token is for a deployment alone");
        if (auto may = check_access(*caller, access, params["model"]); !may) return may;
        const bool only_looks = request.method == "GET" || request.method == "HEAD";
        const bool is_use = access == Access::caller && !only_looks;
        auto admitted =
            admit_caller(gate, *std::move(caller), is_use ? params["model"] : std::string_view(), request, reply);
        if (admitted && access == Access::manage && !only_looks) {
          reply = http::Reply(std::make_unique<AuditedSink>(reply.release(), gate, request, params["model"]));
        }
        return admitted;
      };
}

core::RecordNote record_of(const http::Request& request, std::string_view dialect) {
  core::RecordNote note;
  note.caller = request.caller;
  note.dialect = dialect;
  return note;
}

const Principal& caller_of(const http::Request& request) {
  if (request.caller == nullptr) throw std::logic_error("nobody asked who calls");
  return *request.caller;
}

}  // namespace berth::dialects
