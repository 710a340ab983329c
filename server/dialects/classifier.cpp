// SPDX-License-Identifier: Apache-2.0
#include "dialects/classifier.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "base/mutex.h"
#include "dialects/access_guard.h"
#include "dialects/account_request.h"
#include "dialects/classifier_request.h"
#include "dialects/detail_reply.h"
#include "dialects/error_status.h"
#include "dialects/http_types.h"
#include "dialects/output_reply.h"
#include "dialects/own_guard.h"

namespace berth::dialects {
namespace {

constexpr const char* kNotInstantiated =
    "Prediction Service is not instantiated. Please use endpoint /classifier/prediction-service/<model_name> to "
    "instantiate it with a prediction model.";

// The model that answers, for all callers; until the server ends.
class ActiveModel {
 public:
  explicit ActiveModel(std::string name) : name_(std::move(name)) {}

  std::string name() const {
    const Lock lock(mutex_);
    return name_;
  }
  void set(std::string name) {
    const Lock lock(mutex_);
    name_ = std::move(name);
  }

 private:
  mutable Mutex mutex_;
  std::string name_ BERTH_GUARDED_BY(mutex_);
};

// What a handler needs; copied into each.
struct Context {
  core::Service& service;
  identity::Gate& gate;
  std::shared_ptr<ActiveModel> active;
  BodyLimits limits;
};

std::string wrapped(const std::string& response_json) {
  return json::ObjectText().number("code", 200).raw("response", response_json).done();
}

// An image's name in what the model says of it.
std::string name_of(std::int64_t id) { return "image_id " + std::to_string(id); }

// {"image_id","max_score","label"} of one entry of the model's answer; "" where it is none.
std::string result_text(std::int64_t id, const json::Value& prediction) {
  const auto* labels = json::find(prediction, "labels");
  if (labels == nullptr || !labels->IsArray() || labels->Empty()) return "";
  const auto& best = (*labels)[0];
  const auto* label = json::find(best, "label");
  const auto* score = json::find(best, "probability");
  if (label == nullptr || !label->IsString() || score == nullptr || !score->IsNumber()) return "";
  return json::ObjectText()
      .number("image_id", id)
      .raw("max_score", json::to_text(*score))
      .text("label", json::view(*label))
      .done();
}

// The list of results, in the order of the images. internal: the model answers otherwise than image classifiers do.
Result<std::string> results_text(const std::vector<std::int64_t>& ids, const hosting::Output& output) {
  const auto document = output.kind == hosting::Output::Kind::json
                            ? json::parse(output.body.view())
                            : Result<json::Document>(failure(Code::internal, "no JSON"));
  const auto* predictions = document ? json::find(*document, "predictions") : nullptr;
  const auto mismatch = failure(Code::internal, "the model's answer is not that of an image classifier");
  if (predictions == nullptr || !predictions->IsArray() || predictions->Size() != ids.size()) return mismatch;
  std::string text(1, '[');
  for (rapidjson::SizeType i = 0; i < predictions->Size(); ++i) {
    const auto one = result_text(ids[i], (*predictions)[i]);
    if (one.empty()) return mismatch;
    text.append(i == 0 ? "" : ",").append(one);
  }
  return text += ']';
}

Response results_reply(const std::string& model, const std::string& results) {
  return Response::json(200, wrapped(json::ObjectText().text("model", model).raw("results", results).done()));
}

void predict(const Context& context, const Request& request, Reply&& reply) {
  const auto name = context.active->name();
  if (name.empty()) return reply.send(detail_reply(422, kNotInstantiated));
  auto view = context.service.choose(name, {}, caller_of(request));
  if (!view) return reply.send(detail_error(as_configured(view.error()), name, request.id));
  auto images = classifier::read_images(request, context.limits);
  if (!images) return reply.send(std::move(images.error()));
  if (images->empty()) return reply.send(with_version(results_reply(name, "[]"), view->version));
  core::PredictRequest call;
  std::vector<std::int64_t> ids;
  for (auto& image : *images) {
    ids.push_back(image.id);
    call.files.push_back({"data", name_of(image.id), "", std::move(image.bytes)});
  }
  call.model = std::move(*view);
  call.args.values.emplace("top_k", std::vector<std::string>{"1"});
  call.request_id = request.id;
  call.record = record_of(request, "classifier");
  context.service.predict(std::move(call), [reply = std::make_shared<Reply>(std::move(reply)), ids = std::move(ids),
                                            name, id = request.id](hosting::Outcome&& outcome) {
    const auto results =
        std::move(outcome.output).and_then([&](const hosting::Output& output) { return results_text(ids, output); });
    reply->send(with_version(results ? results_reply(name, *results) : detail_error(results.error(), name, id),
                             outcome.version));
  });
}

// Why a model does not become the active one is for whoever may manage it.
Response not_changed(const Error& error, const std::string& name, std::string_view request_id) {
  if (error.code == Code::not_found) return detail_reply(404, "there is no model package '" + name + "'");
  if (error.code == Code::unavailable) return detail_reply(422, "failed to load '" + name + "': " + error.message);
  return detail_error(error, name, request_id);
}

Result<core::ModelView> usable(const core::Service& service, const std::string& name) {
  auto view = service.model(name);
  if (view && !view->declarations->implements(hosting::Method::predict_data)) {
    return failure(Code::unavailable, "it takes no images");
  }
  return view;
}

void change(const Context& context, const Request& request, const std::string& name, Reply&& reply) {
  auto finish = [context, name, id = request.id, actor = actor_of(request),
                 reply = std::make_shared<Reply>(std::move(reply))](const Result<>& loaded) {
    const auto view = loaded ? usable(context.service, name) : tl::unexpected<Error>(loaded.error());
    if (view) context.active->set(name);
    auto response = view ? Response::json(200, wrapped(json::quote("Changed model to " + name)))
                         : not_changed(view.error(), name, id);
    // A model that was loaded and cannot be used stays loaded, so the log has that, too.
    context.gate.accounts().note(actor, "classifier.change", "model " + name,
                                 json::ObjectText().number("status", response.status).done());
    reply->send(std::move(response));
  };
  const auto now = context.service.model(name);
  if (now && now->model->status().state == hosting::State::ready) return finish({});
  context.service.load(name, std::move(finish));
}

OwnRule rule_of(const std::shared_ptr<ActiveModel>& active) {
  return {
      .credential =
          [](const Request& request) {
            const auto key = request.header("x-api-key");
            return key && !key->empty() ? key : std::nullopt;
          },
      .nothing_shown = {Code::forbidden, "Not authenticated"},
      .not_good = {Code::unauthenticated, "wrong api key"},
      .model = [active](const PathParams& params) { return params["model"].empty() ? active->name() : std::string(); }};
}

}  // namespace

void add_classifier(http::Router& router, core::Service& service, identity::Gate& gate,
                    const ClassifierOptions& options) {
  const Context context{service, gate, std::make_shared<ActiveModel>(options.model), options.body};
  const auto guard = make_own_guard(gate, rule_of(context.active));
  router.set_errors("/classifier", detail_routing_errors());
  router.add(
      {"POST", "/classifier/predictions", http::Access::known,
       [context](Request&& request, const PathParams&, Reply&& reply) { predict(context, request, std::move(reply)); },
       guard});
  router.add({"PUT", "/classifier/prediction-service/{model}", http::Access::manage,
              [context](Request&& request, const PathParams& params, Reply&& reply) {
                change(context, request, std::string(params["model"]), std::move(reply));
              },
              guard});
}

}  // namespace berth::dialects
