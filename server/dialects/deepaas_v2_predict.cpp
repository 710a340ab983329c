// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "dialects/access_guard.h"
#include "dialects/deepaas_v2.h"
#include "dialects/deepaas_v2_reply.h"
#include "dialects/http_types.h"
#include "dialects/output_reply.h"
#include "dialects/predict_input.h"
#include "http/body.h"

namespace berth::dialects {
namespace {

// Recorded: V2 compares an Accept header with the choices as it stands, and so refuses a plain list of types. What has
// weights or wildcards, as browsers send it, is negotiated. Where no choice is acceptable the header stays as it is,
// for the check to refuse.
std::string negotiated(const core::ArgSpec& spec, const std::string& header) {
  if (header.find_first_of("*;") == header.npos) return header;
  std::vector<std::string> choices;
  for (const auto& choice : spec.choices_json) {
    if (const auto value = json::parse(choice); value && value->IsString()) choices.emplace_back(json::view(*value));
  }
  if (std::ranges::find(choices, header) != choices.end()) return header;
  const std::vector<std::string_view> offered(choices.begin(), choices.end());
  return std::string(http::negotiate(header, offered).value_or(header));
}

// The content type that the client chose through the model's `accept` argument; "" where the model has none. What was
// not sent, is */* or had to be negotiated becomes the choice in `args` too.
std::string settle_accept(const core::ArgSpecs& specs, core::RawArgs& args) {
  const auto spec = std::ranges::find(specs, "accept", &core::ArgSpec::name);
  if (spec == specs.end() || spec->type != core::ArgType::string || spec->choices_json.empty()) return "";
  const auto sent = args.values.find(spec->key);
  std::string chosen;
  if (sent != args.values.end()) {
    const auto* texts = std::get_if<std::vector<std::string>>(&sent->second);
    if (texts) {
      chosen = texts->front();
    } else if (const auto* value = std::get<const json::Value*>(sent->second); value->IsString()) {
      chosen = json::view(*value);
    } else {
      return "";  // not a string: the check will say so
    }
  }
  if (spec->source == core::ArgSource::header) {
    chosen = negotiated(*spec, chosen);
  } else if (!chosen.empty() && chosen != "*/*") {
    return chosen;
  }
  if (chosen.empty() || chosen == "*/*") {
    const auto first = json::parse(spec->choices_json.front());
    chosen = first && first->IsString() ? json::view(*first) : "";
  }
  args.values.insert_or_assign(spec->key, std::vector<std::string>{chosen});
  return chosen;
}

// What the model answered, in the words of V2.
Response answer(const hosting::Output& output, const std::string& accept, bool has_schema) {
  using Kind = hosting::Output::Kind;
  const bool other_type = !accept.empty() && accept != "application/json";
  if (output.kind == Kind::file) return file_reply(output, other_type ? accept : "");
  if (other_type && output.kind == Kind::text) return Response::bytes(200, accept, output.body);
  if (other_type) {
    const auto value = json::parse(output.body.view());
    if (value && value->IsString()) return Response::bytes(200, accept, Bytes(std::string(json::view(*value))));
  }
  std::string value = json_text_of(output);
  if (has_schema) return v2::json_reply(std::move(value));
  return v2::json_reply("{\"status\":\"OK\",\"predictions\":" + value + "}");
}

// The fields of both errors in one object.
Error merge(const Error& a, const Error& b) {
  auto fields = json::parse(a.fields_json);
  const auto others = json::parse(b.fields_json);
  if (!fields || !others || !others->IsObject()) return a;
  for (const auto& member : others->GetObject()) {
    fields->AddMember(json::Value(member.name, fields->GetAllocator()),
                      json::Value(member.value, fields->GetAllocator()), fields->GetAllocator());
  }
  return {Code::invalid_argument, a.message, json::to_text(*fields)};
}

void predict(core::Service& service, const BodyLimits& limits, Request&& request, std::string model, Reply&& reply) {
  const auto view = service.choose(model, {}, caller_of(request));
  if (!view) return reply.send(v2::error_reply(view.error(), model, request.id));
  const auto& specs = view->declarations->test_args;
  const auto fields = read_fields(request, limits);
  if (!fields) return reply.send(v2::error_reply(fields.error(), request.id));
  core::PredictRequest call;
  call.args = collect_args(specs, request, *fields);
  const auto accept = settle_accept(specs, call.args);
  auto input = choose_input(*view, request, *fields);
  if (!input) {
    const auto others = core::check_args(specs, call.args);
    const auto error = others ? input.error() : merge(input.error(), others.error());
    return reply.send(v2::error_reply(error, model, request.id));
  }
  call.model = *view;
  call.method = input->method;
  call.files = std::move(input->files);
  call.urls = std::move(input->urls);
  call.request_id = request.id;
  call.record = record_of(request, "deepaas-v2");
  const bool has_schema = view->declarations->schema != nullptr;
  service.predict(std::move(call), [reply = std::make_shared<Reply>(std::move(reply)), id = request.id,
                                    model = std::move(model), accept, has_schema](hosting::Outcome&& outcome) {
    auto response = outcome.output ? answer(*outcome.output, accept, has_schema)
                                   : v2::error_reply(outcome.output.error(), model, id);
    reply->send(with_version(std::move(response), outcome.version));
  });
}

}  // namespace

void add_deepaas_v2_predict(http::Router& router, core::Service& service, const DeepaasOptions& options) {
  router.add({"POST", "/v2/models/{model}/predict/", http::Access::caller,
              [&service, options](Request&& request, const PathParams& params, Reply&& reply) {
                if (!options.predict_enabled) return reply.send(v2::payment_required());
                predict(service, options.body, std::move(request), std::string(params["model"]), std::move(reply));
              }});
}

}  // namespace berth::dialects
