// SPDX-License-Identifier: Apache-2.0
#include "dialects/access_guard.h"
#include "dialects/deepaas_v2.h"
#include "dialects/deepaas_v2_reply.h"
#include "dialects/http_types.h"

namespace berth::dialects {
namespace {

Response reply_of(const Result<training::Training>& training, std::string_view model, std::string_view request_id) {
  if (!training) return v2::error_reply(training.error(), model, request_id);
  return v2::json_reply(v2::training_text(*training));
}

Response start(core::Service& service, const BodyLimits& limits, const Request& request, std::string_view model) {
  const auto view = service.model(model);
  if (!view) return v2::error_reply(view.error(), model, request.id);
  const auto fields = read_fields(request, limits);
  if (!fields) return v2::error_reply(fields.error(), request.id);
  const auto args = collect_args(view->declarations->train_args, request, *fields);
  if (const auto fits = check_training_args(args, limits); !fits) return v2::error_reply(fits.error(), request.id);
  return reply_of(service.start_training(*view, args, record_of(request, "deepaas-v2"), request.id), model, request.id);
}

Response list(const core::Service& service, const Request& request, std::string_view model) {
  // A model that is out of order still has its past trainings; one that nobody knows has none.
  const auto view = service.model(model);
  if (!view && view.error().code == Code::not_found) return v2::error_reply(view.error(), model, request.id);
  std::string text = "[";
  for (const auto& training : service.list_trainings(model, caller_of(request))) {
    if (text.size() > 1) text += ',';
    text += v2::training_text(training);
  }
  text += ']';
  return v2::json_reply(std::move(text));
}

}  // namespace

void add_deepaas_v2_train(http::Router& router, core::Service& service, const DeepaasOptions& options) {
  router.add({"POST", "/v2/models/{model}/train/", http::Access::caller,
              [&service, options](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(options.train_enabled ? start(service, options.body, request, params["model"])
                                                 : v2::payment_required());
              }});
  router.add({"GET", "/v2/models/{model}/train/", http::Access::caller,
              [&service](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(list(service, request, params["model"]));
              }});
  router.add({"GET", "/v2/models/{model}/train/{uuid}", http::Access::caller,
              [&service](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(reply_of(service.training(params["model"], params["uuid"], caller_of(request)),
                                    params["model"], request.id));
              }});
  router.add({"DELETE", "/v2/models/{model}/train/{uuid}", http::Access::caller,
              [&service](Request&& request, const PathParams& params, Reply&& reply) {
                reply.send(reply_of(service.cancel_training(params["model"], params["uuid"], caller_of(request)),
                                    params["model"], request.id));
              }});
}

}  // namespace berth::dialects
