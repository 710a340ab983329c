// SPDX-License-Identifier: Apache-2.0
#include "dialects/tabular_predict.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "dialects/access_guard.h"
#include "dialects/error_status.h"
#include "dialects/http_types.h"
#include "dialects/output_reply.h"
#include "dialects/own_guard.h"
#include "dialects/tabular_body.h"
#include "dialects/tabular_reply.h"
#include "identity/credential.h"

namespace berth::dialects {
namespace {

using tabular::error_reply;

constexpr std::string_view kRows = "rows";  // the argument of a model that takes many rows
constexpr double kThreshold = 0.5;

bool takes_rows(const core::ModelView& view) {
  return std::ranges::any_of(view.declarations->test_args, [](const core::ArgSpec& spec) {
    return spec.key == kRows && spec.type == core::ArgType::list;
  });
}

std::vector<std::string> feature_names(const core::ModelView& view) {
  std::vector<std::string> names;
  for (const auto& spec : view.declarations->test_args) names.push_back(spec.name);
  return names;
}

// As Python prints a float of 32 bits: at most seven digits, and a point or an exponent.
std::string float_text(double value) {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general, 7).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

// The probability of the one row; nullopt where the model gave something else.
std::optional<double> probability_of(const hosting::Output& output) {
  const auto answer = json::parse(output.body.view());
  const auto* rows = answer ? json::find(*answer, "predictions") : nullptr;
  if (rows == nullptr || !rows->IsArray() || rows->Empty()) return std::nullopt;
  const auto* probability = json::find((*rows)[0], "probability");
  return probability != nullptr && probability->IsNumber() ? std::optional(probability->GetDouble()) : std::nullopt;
}

Response answer(const hosting::Output& output, std::string_view model, std::string_view request_id) {
  const auto probability = probability_of(output);
  if (!probability) return error_reply({Code::internal, "the model's answer has no probability"}, model, request_id);
  return Response::json(200, json::ObjectText()
                                 .text("yhat_prob", float_text(*probability))
                                 .text("yhat", *probability > kThreshold ? "1" : "0")
                                 .done());
}

void predict(core::Service& service, const TabularOptions& options, const Request& request, Reply&& reply) {
  const auto fail = [&](const Error& error) { reply.send(error_reply(error, options.model, request.id)); };
  auto view = service.choose(options.model, {}, caller_of(request));
  if (!view) return fail(as_configured(view.error()));
  if (!takes_rows(*view)) return fail({Code::not_implemented, "the model takes no rows of features"});
  auto features = tabular::read_object(request, options.body);
  if (!features) return fail(features.error());
  auto& allocator = features->GetAllocator();
  json::Value row, rows(rapidjson::kArrayType);
  row.Swap(*features);
  rows.PushBack(row, allocator);
  core::PredictRequest call;
  call.args.values.emplace(kRows, &rows);
  call.request_id = request.id;
  call.record = record_of(request, "tabular");
  call.record.is_durable = true;
  auto names = feature_names(*view);
  call.model = std::move(*view);
  service.predict(std::move(call), [shared = std::make_shared<Reply>(std::move(reply)), id = request.id,
                                    model = options.model, names = std::move(names)](hosting::Outcome&& outcome) {
    auto response =
        outcome.output ? answer(*outcome.output, model, id) : error_reply(outcome.output.error(), model, id, names);
    shared->send(with_version(std::move(response), outcome.version));
  });
}

// A token, or a key, in Authorization; headers that say nothing clear show nothing.
std::optional<std::string_view> credential_of(const Request& request) {
  return identity::read_credential(request.header("authorization"), request.header("x-api-key")).value_or(std::nullopt);
}

}  // namespace

void add_tabular_predict(http::Router& router, core::Service& service, identity::Gate& gate,
                         const TabularOptions& options) {
  const Error nobody{Code::unauthenticated, "a key or token is needed"};
  router.add({"POST", "/predict", http::Access::caller,
              [&service, options](Request&& request, const PathParams&, Reply&& reply) {
                predict(service, options, request, std::move(reply));
              },
              make_own_guard(gate, {.credential = credential_of,
                                    .nothing_shown = nobody,
                                    .not_good = nobody,
                                    .model = [model = options.model](const PathParams&) { return model; }})});
}

}  // namespace berth::dialects
