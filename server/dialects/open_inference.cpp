// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference.h"
#include "dialects/access_guard.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/json.h"
#include "dialects/http_types.h"
#include "dialects/model_meta.h"
#include "dialects/open_inference_metadata.h"
#include "dialects/open_inference_reply.h"
#include "dialects/open_inference_repository.h"
#include "dialects/open_inference_request.h"
#include "dialects/open_inference_statistics.h"
#include "dialects/output_reply.h"

namespace berth::dialects {
namespace {

namespace protocol = open_inference;

Response ready_reply(bool is_ready, const std::string& before) {
  return Response::json(is_ready ? 200 : 503,
                        std::string("{").append(before).append("\"ready\":").append(is_ready ? "true}" : "false}"));
}

// Of the whole server; `reason` is a word of ours, "" where it is ready.
Response health_reply(std::string_view reason) {
  if (reason.empty()) return ready_reply(true, "");
  return Response::json(503, std::string(R"({"ready":false,"reason":)").append(json::quote(reason)).append("}"));
}

// Each model that is wanted serves: a version that fails, or is still being loaded, takes nothing from the one that
// does.
bool is_ready(const core::Service& service) {
  std::set<std::string> serving, wanted;
  for (const auto& listing : service.listings()) {
    const auto state = listing.status.state;
    if (state == hosting::State::ready) serving.insert(listing.name);
    if (state != hosting::State::unloaded) wanted.insert(listing.name);
  }
  return std::ranges::includes(serving, wanted);
}

Response model_ready(const core::Service& service, std::string_view model, std::string_view version,
                     std::string_view request_id) {
  const auto view = service.model(model, version);
  if (!view && view.error().code != Code::unavailable) return protocol::error_reply(view.error(), model, request_id);
  return ready_reply(view && view->model->status().state == hosting::State::ready,
                     "\"name\":" + json::quote(model) + ",");
}

Response model_metadata(const core::Service& service, std::string_view model, std::string_view version,
                        std::string_view request_id) {
  const auto view = service.model(model, version);
  if (!view) return protocol::error_reply(view.error(), model, request_id);
  return Response::json(200, protocol::model_metadata(service, *view));
}

// An output that the model does not declare, or that JSON cannot say, is refused before the model works for nothing.
Result<> check_wanted(const core::ModelView& view, const protocol::InferRequest& infer) {
  const auto& declared = view.declarations->outputs;
  if (declared.empty()) return {};
  const auto sayable = [](const core::TensorSpec& spec, bool is_binary) -> Result<> {
    if (is_binary || spec.datatype != "FP16") return {};
    return failure(Code::invalid_argument,
                   "outputs: '" + spec.name + "' holds FP16 that JSON cannot say: ask for it with binary_data");
  };
  for (std::size_t i = 0; i < infer.outputs.size(); ++i) {
    const auto& wanted = infer.outputs[i];
    const auto found = std::ranges::find(declared, wanted.name, &core::TensorSpec::name);
    if (found == declared.end()) {
      return failure(Code::invalid_argument,
                     "outputs[" + std::to_string(i) + "].name: the model has no output '" + wanted.name + "'");
    }
    if (auto said = sayable(*found, wanted.is_binary); !said) return said;
  }
  if (!infer.outputs.empty()) return {};
  for (const auto& spec : declared) {
    if (auto said = sayable(spec, infer.binary_output); !said) return said;
  }
  return {};
}

void infer(core::Service& service, const BodyLimits& limits, const Request& request, std::string model,
           std::string_view version, Reply&& reply) {
  auto view = service.choose(model, version, caller_of(request));
  if (!view) return reply.send(protocol::error_reply(view.error(), model, request.id));
  const auto refuse = [&](const Error& error) {
    reply.send(with_version(protocol::error_reply(error, model, request.id), view->version));
  };
  auto read = protocol::read_infer_request(request, limits);
  if (!read) return refuse(read.error());
  if (const auto known = check_wanted(*view, *read); !known) return refuse(known.error());
  // Request-level parameters are arguments, where the model declares them; the rest is ignored.
  RequestFields fields;
  fields.json = std::move(read->parameters);
  core::PredictRequest call;
  call.args = collect_args(view->declarations->test_args, request, fields);
  call.model = std::move(*view);
  call.by_tensors = true;
  call.tensors = std::move(read->inputs);
  call.request_id = request.id;
  call.record = record_of(request, "open-inference");
  service.predict(
      std::move(call),
      [reply = std::make_shared<Reply>(std::move(reply)), id = request.id, model = std::move(model),
       infer = std::make_shared<const protocol::InferRequest>(std::move(*read))](hosting::Outcome&& outcome) {
        auto answer = std::move(outcome.output).and_then([&](hosting::Output&& output) {
          return protocol::infer_reply(*infer, outcome.version, output,
                                       {.request_id = id, .model = model, .component = "dialects"});
        });
        reply->send(with_version(answer ? *std::move(answer) : protocol::error_reply(answer.error(), model, id),
                                 outcome.version));
      });
}

void set_errors(http::Router& router, core::Service& service, bool has_deepaas_v2) {
  http::RoutingErrors errors;
  errors.not_found = [] { return protocol::error_reply(404, "there is nothing at this path"); };
  errors.method_not_allowed = [](std::string_view allow) {
    return protocol::error_reply(405, "the method is not allowed here; allowed: " + std::string(allow));
  };
  errors.internal = [](std::string_view) { return protocol::error_reply(500, "Internal Server Error"); };
  errors.refused = [](const Error& error, std::string_view id) { return protocol::error_reply(error, "", id); };
  errors.exists = [&service](const PathParams& params) { return is_known(service, params["model"]); };
  for (const auto* prefix : {"/v2/health", "/v2/repository", "/v2/models/{model}/versions", "/v2/models/{model}/ready",
                             "/v2/models/{model}/infer", "/v2/models/{model}/stats", "/v2/models/stats"}) {
    router.set_errors(prefix, errors);
  }
  // Of extensions that are not here.
  for (const auto* prefix : {"/v2/models/{model}/config", "/v2/models/{model}/trace", "/v2/models/{model}/generate",
                             "/v2/models/{model}/generate_stream", "/v2/trace", "/v2/logging", "/v2/systemsharedmemory",
                             "/v2/cudasharedmemory"}) {
    router.set_errors(prefix, errors);
  }
  if (!has_deepaas_v2) router.set_errors("/v2", errors);
}

void add_health(http::Router& router, core::Service& service, const std::function<std::string_view()>& why_not_ready) {
  router.add({"GET", "/v2/health/live", http::Access::open, [](Request&&, const PathParams&, Reply&& reply) {
                reply.send(Response::json(200, R"({"live":true})"));
              }});
  router.add({"GET", "/v2/health/ready", http::Access::open,
              [&service, why_not_ready](Request&&, const PathParams&, Reply&& reply) {
                const auto reason = why_not_ready ? why_not_ready() : std::string_view();
                reply.send(health_reply(reason.empty() && !is_ready(service) ? "models" : reason));
              }});
}

void add_statistics(http::Router& router, core::Service& service) {
  for (const auto* path :
       {"/v2/models/stats", "/v2/models/{model}/stats", "/v2/models/{model}/versions/{version}/stats"}) {
    router.add(
        {"GET", path, http::Access::caller, [&service](Request&& request, const PathParams& params, Reply&& reply) {
           auto text = protocol::model_statistics(service, params["model"], params["version"]);
           reply.send(text ? Response::json(200, *std::move(text))
                           : protocol::error_reply(text.error(), params["model"], request.id));
         }});
  }
}

// With and without `/versions/{version}`; a path without it gives an empty version, which means the active one.
void add_model(http::Router& router, core::Service& service, const OpenInferenceOptions& options) {
  const std::string plain = "/v2/models/{model}";
  for (const auto& root : {plain, plain + "/versions/{version}"}) {
    if (root != plain || !options.has_deepaas_v2) {
      router.add(
          {"GET", root, http::Access::caller, [&service](Request&& request, const PathParams& params, Reply&& reply) {
             reply.send(model_metadata(service, params["model"], params["version"], request.id));
           }});
    }
    router.add({"GET", root + "/ready", http::Access::caller,
                [&service](Request&& request, const PathParams& params, Reply&& reply) {
                  reply.send(model_ready(service, params["model"], params["version"], request.id));
                }});
    router.add({"POST", root + "/infer", http::Access::caller,
                [&service, limits = options.body](Request&& request, const PathParams& params, Reply&& reply) {
                  infer(service, limits, request, std::string(params["model"]), params["version"], std::move(reply));
                }});
  }
}

}  // namespace

void add_open_inference(http::Router& router, core::Service& service, const OpenInferenceOptions& options) {
  set_errors(router, service, options.has_deepaas_v2);
  if (!options.has_deepaas_v2) {
    router.add({"GET", "/v2/", http::Access::caller, [](Request&&, const PathParams&, Reply&& reply) {
                  reply.send(Response::json(200, protocol::server_metadata()));
                }});
  }
  add_health(router, service, options.why_not_ready);
  add_model(router, service, options);
  add_statistics(router, service);
  add_open_inference_repository(router, service, options.body);
}

}  // namespace berth::dialects
