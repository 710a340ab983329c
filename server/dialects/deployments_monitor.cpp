// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/json_object.h"
#include "dialects/access_guard.h"
#include "dialects/deployments_routes.h"
#include "dialects/json_body.h"
#include "dialects/raw_predictions.h"

namespace berth::dialects::deployments {
namespace {

constexpr double kLongestLatency = 1e6;  // seconds

struct Report {
  std::string file_name, content_type, source;
  std::vector<std::string> tags;
  std::int64_t height = 0, width = 0;
  std::string image;
  RawPredictions predictions;
  double latency = 0;
};

// Reads members of one object, and notes what is wrong with them.
class Members {
 public:
  explicit Members(const json::Value& object) : object_(object) {}

  std::string text(std::string_view name) { return text_of(required(name), name); }
  std::string text_if_there(std::string_view name) { return text_of(optional(name), name); }

  std::vector<std::string> texts_if_there(std::string_view name) {
    std::vector<std::string> all;
    const auto* list = optional(name);
    if (list == nullptr) return all;
    if (!list->IsArray()) {
      errors_.add(place(name), "value is not a valid list", "type_error.list");
      return all;
    }
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
      const auto& each = (*list)[i];
      if (!each.IsString()) errors_.add(place(name).at(i), "str type expected", "type_error.str");
      if (each.IsString()) all.emplace_back(json::view(each));
    }
    return all;
  }

  std::int64_t side(std::string_view name) {
    const auto* value = required(name);
    if (value == nullptr) return 0;
    const bool is_side = value->IsUint() && value->GetUint() > 0;
    if (!is_side) errors_.add(place(name), "a number of pixels is expected", "value_error.number");
    return is_side ? value->GetUint() : 0;
  }

  double seconds(std::string_view name) {
    const auto* value = required(name);
    if (value == nullptr) return 0;
    const bool is_time = value->IsNumber() && value->GetDouble() >= 0 && value->GetDouble() <= kLongestLatency;
    if (!is_time) errors_.add(place(name), "a number of seconds is expected", "value_error.number");
    return is_time ? value->GetDouble() : 0;
  }

  std::string bytes(std::string_view name) {
    const auto* value = required(name);
    const auto text = text_of(value, name);
    if (value == nullptr || !value->IsString()) return "";
    auto decoded = decode_base64(text);
    if (!decoded) errors_.add(place(name), "invalid base64-encoded string", "value_error.base64");
    return decoded ? *std::move(decoded) : "";
  }

  RawPredictions predictions(std::string_view name) {
    const auto* value = required(name);
    if (value == nullptr) return {};
    const auto kind = check_raw_predictions(*value, place(name), errors_);
    return {kind, json::to_text(*value)};
  }

  BodyErrors& errors() { return errors_; }

 private:
  static BodyPlace place(std::string_view name) { return BodyPlace().at(name); }
  const json::Value* required(std::string_view name) { return required_member(object_, name, BodyPlace(), errors_); }
  const json::Value* optional(std::string_view name) const {
    const auto* value = json::find(object_, name);
    return value == nullptr || value->IsNull() ? nullptr : value;
  }
  std::string text_of(const json::Value* value, std::string_view name) {
    if (value == nullptr) return "";
    if (value->IsString()) return std::string(json::view(*value));
    errors_.add(place(name), "str type expected", "type_error.str");
    return "";
  }

  const json::Value& object_;
  BodyErrors errors_;
};

tl::expected<Report, Response> read_report(const Request& request, const BodyLimits& limits) {
  const auto body = read_json_object(request, limits);
  if (!body) return tl::unexpected<Response>(body.error());
  Members members(*body);
  Report report;
  report.file_name = members.text("filename");
  report.content_type = members.text("content_type");
  report.height = members.side("height");
  report.width = members.side("width");
  report.image = members.bytes("image");
  report.predictions = members.predictions("raw_predictions");
  report.latency = members.seconds("latency");
  report.source = members.text_if_there("source");
  report.tags = members.texts_if_there("tags");
  check_note(report.source, report.tags, members.errors());
  if (!members.errors().empty()) return tl::unexpected<Response>(members.errors().reply());
  return report;
}

core::ForeignPrediction to_prediction(Report&& report, const std::string& model) {
  core::ForeignPrediction prediction;
  prediction.model = model;
  prediction.input_json = json::ObjectText()
                              .text("filename", report.file_name)
                              .text("content_type", report.content_type)
                              .number("height", report.height)
                              .number("width", report.width)
                              .done();
  prediction.files.push_back(
      {"image", std::move(report.file_name), std::move(report.content_type), Bytes(std::move(report.image))});
  prediction.output_json = json::ObjectText()
                               .text("kind", to_string(report.predictions.kind))
                               .raw("raw_predictions", report.predictions.json)
                               .done();
  prediction.latency =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::duration<double>(report.latency));
  return prediction;
}

}  // namespace

void keep(const Context& context, const Request& request, const std::string& id, Reply&& reply) {
  const auto deployment = context.book->find(id, caller_of(request));
  if (!deployment) return reply.send(detail_error(deployment.error(), {}, request.id));
  auto report = read_report(request, context.limits);
  if (!report) return reply.send(std::move(report.error()));
  auto note = note_of(request, id, std::move(report->source), std::move(report->tags));
  const auto& model = (*deployment)->model;
  note.id = context.service.new_record_id(model);
  auto answer = json::ObjectText().number("id", note.id).text("kind", to_string(report->predictions.kind)).done();
  auto prediction = to_prediction(std::move(*report), model);
  prediction.record = std::move(note);
  context.service.keep_prediction(
      std::move(prediction), [reply = std::make_shared<Reply>(std::move(reply)), answer = std::move(answer), model,
                              request_id = request.id](const Result<>& kept) {
        reply->send(kept ? Response::json(201, answer) : detail_error(kept.error(), model, request_id));
      });
}

}  // namespace berth::dialects::deployments
