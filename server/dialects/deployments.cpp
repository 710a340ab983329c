// SPDX-License-Identifier: Apache-2.0
#include "dialects/deployments.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/json_object.h"
#include "base/text.h"
#include "dialects/access_guard.h"
#include "dialects/deployments_routes.h"
#include "dialects/detail_reply.h"
#include "dialects/error_status.h"
#include "dialects/image_size.h"
#include "dialects/output_reply.h"
#include "dialects/own_guard.h"
#include "dialects/raw_predictions.h"

namespace berth::dialects {
namespace {

using deployments::Context;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kScheme = "bearer ";

struct Upload {
  hosting::File media;
  std::string source;
  std::vector<std::string> tags;
};

tl::expected<Upload, Response> read_upload(const Request& request, const BodyLimits& limits) {
  auto fields = read_fields(request, limits);
  if (!fields) {
    const bool too_large = fields.error().kind == BadBody::Kind::too_large;
    return tl::unexpected<Response>(detail_reply(too_large ? 413 : 422, fields.error().message));
  }
  const auto is_media = [](const hosting::File& file) { return file.field == "media"; };
  BodyErrors errors;
  const auto media = std::ranges::find_if(fields->files, is_media);
  if (media == fields->files.end()) {
    errors.missing(BodyPlace().at("media"));
  } else if (std::ranges::count_if(fields->files, is_media) > 1) {
    errors.add(BodyPlace().at("media"), "one file is expected", "value_error.list");
  }
  const auto sources = all_of(fields->form, "source");
  Upload upload{{}, sources.empty() ? "" : sources.front(), all_of(fields->form, "tags")};
  deployments::check_note(upload.source, upload.tags, errors);
  if (!errors.empty()) return tl::unexpected<Response>(errors.reply());
  upload.media = std::move(*media);
  return upload;
}

// What of an upload the answer tells again.
struct Told {
  std::int64_t id = 0;  // of the record; 0: it is not put on record
  std::string file_name, content_type;
  std::optional<ImageSize> size;
  Clock::time_point began = Clock::now();
};

Response answer(const hosting::Output& output, const Told& told) {
  const auto raw = raw_predictions_of(output);
  const auto number = [](std::uint32_t side) { return std::to_string(side); };
  const std::chrono::duration<double> latency = Clock::now() - told.began;
  return Response::json(200, json::ObjectText()
                                 .raw("id", told.id == 0 ? "null" : std::to_string(told.id))
                                 .text("filename", told.file_name)
                                 .text("content_type", told.content_type)
                                 .raw("height", told.size ? number(told.size->height) : "null")
                                 .raw("width", told.size ? number(told.size->width) : "null")
                                 .raw("latency", std::to_string(latency.count()))
                                 .text("kind", to_string(raw.kind))
                                 .raw("raw_predictions", raw.json)
                                 .done());
}

void predict(const Context& context, const Request& request, const std::string& id, Reply&& reply) {
  const auto deployment = context.book->find(id, caller_of(request));
  if (!deployment) return reply.send(detail_error(deployment.error(), {}, request.id));
  const auto& model = (*deployment)->model;
  if (model.empty()) return reply.send(detail_reply(404, "this deployment serves no model"));
  auto view = context.service.choose(model, {}, caller_of(request));
  if (!view) return reply.send(detail_error(as_configured(view.error()), model, request.id));
  auto upload = read_upload(request, context.limits);
  if (!upload) return reply.send(std::move(upload.error()));
  auto note = deployments::note_of(request, id, std::move(upload->source), std::move(upload->tags));
  note.id = context.service.new_record_id(model);
  Told told{note.id, clean_text(upload->media.file_name), clean_text(upload->media.content_type),
            read_image_size(upload->media.bytes.view())};
  core::PredictRequest call;
  call.model = std::move(*view);
  call.request_id = request.id;
  call.record = std::move(note);
  upload->media.field = "data";
  call.files.push_back(std::move(upload->media));
  context.service.predict(std::move(call), [reply = std::make_shared<Reply>(std::move(reply)), id = request.id, model,
                                            told = std::move(told)](hosting::Outcome&& outcome) {
    auto response = outcome.output ? answer(*outcome.output, told) : detail_error(outcome.output.error(), model, id);
    reply->send(with_version(std::move(response), outcome.version));
  });
}

// The token in `Authorization: Bearer TOKEN`.
std::optional<std::string_view> token_of(const Request& request) {
  const auto header = request.header("authorization");
  if (!header || to_lower(header->substr(0, kScheme.size())) != kScheme) return std::nullopt;
  return header->substr(kScheme.size());
}

OwnRule rule_of(const std::shared_ptr<const DeploymentBook>& book) {
  return {.credential = token_of,
          .nothing_shown = {Code::unauthenticated, "a token of this deployment is needed"},
          .not_good = {Code::unauthenticated, "the token is not good, or no longer"},
          .deployment_name = "deployment",
          .model = [book](const PathParams& params) { return book->model_of(params["deployment"]); }};
}

}  // namespace

void add_deployments(http::Router& router, core::Service& service, identity::Gate& gate,
                     const DeploymentsOptions& options) {
  const Context context{service, gate, std::make_shared<const DeploymentBook>(options.deployments), options.body};
  for (const auto* prefix : {"/api/login", "/api/auth", "/api/deployment"}) {
    router.set_errors(prefix, detail_routing_errors());
  }
  deployments::add_login(router, context);
  const auto guard = make_own_guard(gate, rule_of(context.book));
  router.add({"POST", "/api/deployment/{deployment}/predict", http::Access::known,
              [context](Request&& request, const PathParams& params, Reply&& reply) {
                predict(context, request, std::string(params["deployment"]), std::move(reply));
              },
              guard});
  router.add({"POST", "/api/deployment/{deployment}/predictions", http::Access::known,
              [context](Request&& request, const PathParams& params, Reply&& reply) {
                deployments::keep(context, request, std::string(params["deployment"]), std::move(reply));
              },
              guard});
}

}  // namespace berth::dialects
