// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_repository.h"
#include "dialects/access_guard.h"

#include <memory>
#include <string>
#include <utility>

#include "base/json.h"
#include "dialects/error_status.h"
#include "dialects/http_types.h"
#include "dialects/open_inference_reply.h"

namespace berth::dialects {
namespace {

namespace protocol = open_inference;

// As Triton names them.
std::string_view state_name(hosting::State state) {
  switch (state) {
    case hosting::State::loading: return "LOADING";
    case hosting::State::ready: return "READY";
    case hosting::State::draining: return "UNLOADING";
    case hosting::State::unavailable:
    case hosting::State::unloaded: return "UNAVAILABLE";
  }
  return "";
}

// The body's JSON object; an empty one where there is no body.
Result<json::Document> read_object(const Request& request, const BodyLimits& limits) {
  if (request.body.size() == 0) return json::parse("{}");
  if (request.body.size() > limits.max_json_bytes) {
    return failure(Code::too_large, "the body is larger than limits.max_json_bytes");
  }
  auto body = json::parse(request.body.view(), false, limits.max_json_values);
  if (body && !body->IsObject()) return failure(Code::invalid_argument, "expected a JSON object");
  return body;
}

// {"ready":true} asks for those alone; no body, or {}, for all.
Result<bool> wants_ready_only(const Request& request, const BodyLimits& limits) {
  const auto body = read_object(request, limits);
  if (!body) return tl::unexpected<Error>(body.error());
  const auto* ready = json::find(*body, "ready");
  if (ready == nullptr) return false;
  if (!ready->IsBool()) return failure(Code::invalid_argument, "ready: expected true or false");
  return ready->GetBool();
}

// A configuration or files to load in place of those on disk, as Triton takes them, are refused; other parameters,
// `unload_dependents` among them, mean nothing here.
Result<> check_parameters(const Request& request, const BodyLimits& limits) {
  const auto body = read_object(request, limits);
  if (!body) return tl::unexpected<Error>(body.error());
  const auto* parameters = json::find(*body, "parameters");
  if (parameters == nullptr || parameters->IsNull()) return {};
  if (!parameters->IsObject()) return failure(Code::invalid_argument, "parameters: expected a JSON object");
  for (const auto& [name, value] : parameters->GetObject()) {
    const auto key = json::view(name);
    if (value.IsNull() || (key != "config" && !key.starts_with("file:"))) continue;
    return failure(Code::not_implemented,
                   std::string("parameters.").append(key).append(": a model is loaded as its folder has it"));
  }
  return {};
}

// Why something cannot be loaded is for those who see all, or may mend it.
bool may_see_reasons(const identity::Principal& caller, std::string_view model) {
  return check_access(caller, http::Access::watch, model) || check_access(caller, http::Access::manage, model);
}

Response index(const core::Service& service, bool ready_only, const identity::Principal& caller) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  const auto text = [&writer](const char* name, std::string_view value) {
    writer.Key(name);
    writer.String(clean_text(value));
  };
  writer.StartArray();
  for (const auto& listing : service.listings()) {
    if (ready_only && listing.status.state != hosting::State::ready) continue;
    writer.StartObject();
    text("name", listing.name);
    text("version", listing.version);
    text("state", state_name(listing.status.state));
    text("reason", may_see_reasons(caller, listing.name) ? listing.status.reason : "");
    writer.EndObject();
  }
  writer.EndArray();
  return Response::json(200, {buffer.GetString(), buffer.GetSize()});
}

// Why a model cannot be loaded is the admin's to know, and to mend.
Response failed(const Error& error, std::string_view model, std::string_view request_id) {
  if (error.code != Code::unavailable) return protocol::error_reply(error, model, request_id);
  return protocol::error_reply(400, "failed to load '" + std::string(model) + "': " + error.message);
}

}  // namespace

void add_open_inference_repository(http::Router& router, core::Service& service, const BodyLimits& limits) {
  router.add({"POST", "/v2/repository/index", http::Access::caller,
              [&service, limits](Request&& request, const PathParams&, Reply&& reply) {
                const auto ready_only = wants_ready_only(request, limits);
                if (!ready_only) return reply.send(protocol::error_reply(ready_only.error(), "", request.id));
                reply.send(index(service, *ready_only, caller_of(request)));
              }});
  using Change = void (core::Service::*)(std::string, hosting::Registry::Done);
  for (const auto& [name, change] : {std::pair<std::string, Change>{"load", &core::Service::load},
                                     std::pair<std::string, Change>{"unload", &core::Service::unload}}) {
    router.add({"POST", "/v2/repository/models/{model}/" + name, http::Access::manage,
                [&service, limits, act = change](Request&& request, const PathParams& params, Reply&& reply) {
                  std::string model(params["model"]);
                  if (auto good = check_parameters(request, limits); !good) {
                    return reply.send(protocol::error_reply(good.error(), model, request.id));
                  }
                  auto shared = std::make_shared<Reply>(std::move(reply));
                  (service.*act)(model, [shared, model, id = request.id](const Result<>& done) {
                    shared->send(done ? Response::empty(200) : failed(done.error(), model, id));
                  });
                }});
  }
}

}  // namespace berth::dialects
