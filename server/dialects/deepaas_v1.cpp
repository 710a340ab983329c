// SPDX-License-Identifier: Apache-2.0
#include "dialects/deepaas_v1.h"
#include "dialects/access_guard.h"

#include <algorithm>
#include <memory>

#include "dialects/deepaas_v1_args.h"
#include "dialects/error_status.h"
#include "dialects/http_types.h"
#include "dialects/model_meta.h"
#include "dialects/output_reply.h"
#include "dialects/predict_input.h"

namespace berth::dialects {
namespace {

constexpr std::string_view kNoInput = "You must provide either 'url' or 'data' in the payload";
constexpr std::string_view kBadRequest = "The browser (or proxy) sent a request that this server could not understand.";
constexpr std::string_view kNotFound =
    "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try "
    "again.";
constexpr std::string_view kNotAllowed = "The method is not allowed for the requested URL.";
constexpr std::string_view kSwitchedOff = "Payment Required";

Response message_reply(int status, std::string_view message) {
  return Response::json(status, "{\"message\":" + json::quote(message) + "}");
}

Response internal_reply(std::string_view request_id) {
  return Response::json(500, R"({"message":"Internal Server Error","request_id":)" + json::quote(request_id) + "}");
}

Response bad_argument_reply(const v1::BadArgument& bad) {
  return Response::json(400, "{\"errors\":{" + json::quote(bad.key) + ":" + json::quote(bad.complaint) +
                                 "},\"message\":\"Input payload validation failed\"}");
}

// The table of V1's errors.
Response error_reply(const Error& error, const core::ArgSpecs& specs, std::string_view model,
                     std::string_view request_id) {
  if (!error.model_status && error.code == Code::not_found) return message_reply(404, kNotFound);
  if (!error.model_status && !error.fields_json.empty()) {
    return bad_argument_reply(v1::first_bad(specs, error.fields_json));
  }
  const bool neutral = error.code == Code::internal && !error.model_status;
  auto response = neutral ? internal_reply(request_id) : message_reply(status_of(error), message_for_client(error));
  return finish_error(std::move(response), error, model, request_id);
}

Response error_reply(const BadBody& error) {
  if (error.kind == BadBody::Kind::too_large) return message_reply(413, error.message);
  return message_reply(400, kBadRequest);
}

// What the model returned, bare.
Response answer(const hosting::Output& output) {
  if (output.kind == hosting::Output::Kind::file) return file_reply(output, "");
  return Response::json(200, json_text_of(output));
}

// Whether a prediction without `data` and `url` is wrong: a model that takes no file, or whose own file arguments are
// all optional, can do without.
bool needs_input(const core::ModelView& view) {
  const auto& declarations = *view.declarations;
  if (!declarations.takes_files) return false;
  const auto needed = [](const core::ArgSpec& s) { return s.type == core::ArgType::file && s.required; };
  return !declares_files(declarations.test_args) || std::ranges::any_of(declarations.test_args, needed);
}

void predict(core::Service& service, const BodyLimits& limits, Request&& request, std::string model, Reply&& reply) {
  const auto view = service.choose(model, {}, caller_of(request));
  if (!view) return reply.send(error_reply(view.error(), {}, model, request.id));
  const auto fields = read_fields(request, limits);
  if (!fields) return reply.send(error_reply(fields.error()));
  auto args = v1::read_args(view->declarations->test_args, request, *fields);
  if (!args) return reply.send(bad_argument_reply(args.error()));
  const bool has_data = !args->data.empty();
  const bool has_url = !args->urls.empty();
  if (has_data == has_url && (has_data || needs_input(*view))) return reply.send(message_reply(400, kNoInput));

  core::PredictRequest call;
  call.model = *view;
  call.method = has_url ? hosting::Method::predict_url : hosting::Method::predict_data;
  // An argument of the model's own that is called `data` takes the file itself.
  const auto is_data = [](const core::ArgSpec& s) { return s.type == core::ArgType::file && s.key == "data"; };
  if (std::ranges::none_of(view->declarations->test_args, is_data)) call.files = std::move(args->data);
  call.urls = std::move(args->urls);
  call.args = std::move(args->raw);
  call.request_id = request.id;
  call.record = record_of(request, "deepaas-v1");
  service.predict(
      std::move(call), [reply = std::make_shared<Reply>(std::move(reply)), id = request.id,
                        declarations = view->declarations, model = std::move(model)](hosting::Outcome&& outcome) {
        auto response = outcome.output ? answer(*outcome.output)
                                       : error_reply(outcome.output.error(), declarations->test_args, model, id);
        reply->send(with_version(std::move(response), outcome.version));
      });
}

Response training_reply(const training::Training& training, std::string_view request_id) {
  if (training.status == training::Status::done) return answer(training.output);
  // Its cause is in the log already, and its message is fit for a client.
  Error error{training.code, training.message};
  error.model_status = training.model_status;
  if (training.code == Code::internal && !training.model_status) return internal_reply(request_id);
  return error_reply(error, {}, training.model, request_id);
}

void train(core::Service& service, const BodyLimits& limits, Request&& request, std::string_view model, Reply&& reply) {
  const auto view = service.model(model);
  if (!view) return reply.send(error_reply(view.error(), {}, model, request.id));
  const auto fields = read_fields(request, limits);
  if (!fields) return reply.send(error_reply(fields.error()));
  auto args = v1::read_args(view->declarations->train_args, request, *fields);
  if (!args) return reply.send(bad_argument_reply(args.error()));
  if (const auto fits = check_training_args(args->raw, limits); !fits) return reply.send(error_reply(fits.error()));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const auto started = service.start_training(
      *view, args->raw, record_of(request, "deepaas-v1"), request.id,
      [shared, id = request.id](const training::Training& training) { shared->send(training_reply(training, id)); });
  if (!started) shared->send(error_reply(started.error(), view->declarations->train_args, model, request.id));
}

std::string href_of(const std::string& base_path, const core::ModelView& view) {
  return base_path + "/models/" + view.name;
}

Response all_models(const core::Service& service, const std::string& base_path) {
  json::Document document(rapidjson::kObjectType);
  json::Value models(rapidjson::kArrayType);
  for (const auto& view : service.models()) {
    models.PushBack(model_meta(view, href_of(base_path, view), document.GetAllocator()), document.GetAllocator());
  }
  document.AddMember("models", models, document.GetAllocator());
  return Response::json(200, json::to_text(document));
}

Response one_model(const core::Service& service, std::string_view name, const std::string& base_path,
                   std::string_view request_id) {
  const auto view = service.model(name);
  if (!view) return error_reply(view.error(), {}, name, request_id);
  json::Document document;
  return Response::json(200, json::to_text(model_meta(*view, href_of(base_path, *view), document.GetAllocator())));
}

void set_errors(http::Router& router, core::Service& service) {
  http::RoutingErrors errors;
  errors.not_found = [] { return message_reply(404, kNotFound); };
  errors.method_not_allowed = [](std::string_view) { return message_reply(405, kNotAllowed); };
  errors.internal = internal_reply;
  errors.refused = [](const Error& error, std::string_view id) { return error_reply(error, {}, "", id); };
  errors.exists = [&service](const PathParams& params) { return is_known(service, params["model"]); };
  router.set_errors("/models", std::move(errors));
}

}  // namespace

void add_deepaas_v1(http::Router& router, core::Service& service, const DeepaasOptions& options) {
  set_errors(router, service);
  const auto base_path = options.base_path;
  router.add(
      {"GET", "/models/", http::Access::caller, [&service, base_path](Request&&, const PathParams&, Reply&& reply) {
         reply.send(all_models(service, base_path));
       }});
  router.add({"GET", "/models/{model}", http::Access::caller,
              [&service, base_path](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(one_model(service, params["model"], base_path, request.id));
              }});
  router.add({"POST", "/models/{model}/predict", http::Access::caller,
              [&service, options](Request&& request, const PathParams& params, Reply&& reply) {
                if (!options.predict_enabled) return reply.send(message_reply(402, kSwitchedOff));
                predict(service, options.body, std::move(request), std::string(params["model"]), std::move(reply));
              }});
  router.add({"PUT", "/models/{model}/train", http::Access::caller,
              [&service, options](Request&& request, const PathParams& params, Reply&& reply) {
                if (!options.train_enabled) return reply.send(message_reply(402, kSwitchedOff));
                train(service, options.body, std::move(request), params["model"], std::move(reply));
              }});
}

}  // namespace berth::dialects
