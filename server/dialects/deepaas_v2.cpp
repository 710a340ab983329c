// SPDX-License-Identifier: Apache-2.0
#include "dialects/deepaas_v2.h"

#include "base/log.h"
#include "dialects/deepaas_v2_reply.h"
#include "dialects/http_types.h"
#include "dialects/model_meta.h"
#include "dialects/open_inference_metadata.h"

namespace berth::dialects {
namespace {

std::string link(std::string_view rel, std::string_view type, const std::string& href) {
  return "{\"rel\":" + json::quote(rel) + ",\"type\":" + json::quote(type) + ",\"href\":" + json::quote(href) + "}";
}

std::string version_text(const std::string& base_path) {
  return R"({"version":"stable","id":"v2","links":[)" + link("self", "application/json", base_path + "/v2/") + "]}";
}

std::string versions_text(const std::string& base_path) {
  return "{\"versions\":[" + version_text(base_path) + "],\"links\":[" + link("help", "text/html", base_path + "/api") +
         "," + link("describedby", "application/json", base_path + "/swagger.json") + "]}";
}

json::Value meta_of(const core::ModelView& view, const std::string& base_path, json::Document& document) {
  return model_meta(view, base_path + "/v2/models/" + view.name, document.GetAllocator());
}

std::string models_text(const core::Service& service, const std::string& base_path) {
  json::Document document(rapidjson::kObjectType);
  json::Value models(rapidjson::kArrayType);
  for (const auto& view : service.models()) {
    models.PushBack(meta_of(view, base_path, document), document.GetAllocator());
  }
  document.AddMember("models", models, document.GetAllocator());
  return json::to_text(document);
}

Response one_model(const core::Service& service, std::string_view name, const DeepaasOptions& options,
                   std::string_view request_id) {
  const auto view = service.model(name);
  if (!view) return v2::error_reply(view.error(), name, request_id);
  json::Document document;
  auto meta = meta_of(*view, options.base_path, document);
  if (options.with_open_inference) {
    open_inference::add_model_metadata(meta, service, *view, document.GetAllocator());
  }
  return v2::json_reply(json::to_text(meta));
}

std::string server_text(const DeepaasOptions& options) {
  auto text = version_text(options.base_path);
  return options.with_open_inference ? open_inference::with_server_metadata(std::move(text)) : text;
}

void set_errors(http::Router& router, core::Service& service) {
  http::RoutingErrors errors;
  errors.not_found = [] { return v2::not_found(); };
  errors.method_not_allowed = [](std::string_view) { return Response::text(405, "405: Method Not Allowed"); };
  errors.internal = [](std::string_view request_id) {
    return Response::json(500, R"({"message":"Internal Server Error","request_id":)" + json::quote(request_id) + "}");
  };
  // A method that nobody knows on a model that nobody knows is 404 in the original.
  errors.refused = [](const Error& error, std::string_view id) { return v2::error_reply(error, "", id); };
  errors.exists = [&service](const PathParams& params) { return is_known(service, params["model"]); };
  router.set_errors("/v2", std::move(errors));
}

}  // namespace

void add_deepaas_v2(http::Router& router, core::Service& service, const DeepaasOptions& options) {
  set_errors(router, service);
  const auto base_path = options.base_path;
  router.add({"GET", "/", http::Access::open, [base_path](Request&&, const PathParams&, Reply&& reply) {
                reply.send(v2::json_reply(versions_text(base_path)));
              }});
  router.add({"GET", "/v2/", http::Access::caller, [options](Request&&, const PathParams&, Reply&& reply) {
                reply.send(v2::json_reply(server_text(options)));
              }});
  router.add({"GET", "/v2/debug/", http::Access::caller,
              [enabled = options.debug_enabled](Request&&, const PathParams&, Reply&& reply) {
                reply.send(enabled ? Response::text(200, log::recent()) : Response::empty(204));
              }});
  router.add(
      {"GET", "/v2/models/", http::Access::caller, [&service, base_path](Request&&, const PathParams&, Reply&& reply) {
         reply.send(v2::json_reply(models_text(service, base_path)));
       }});
  router.add({"GET", "/v2/models/{model}/", http::Access::caller,
              [&service, options](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(one_model(service, params["model"], options, request.id));
              }});
  add_deepaas_v2_predict(router, service, options);
  add_deepaas_v2_train(router, service, options);
}

}  // namespace berth::dialects
