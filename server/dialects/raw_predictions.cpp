// SPDX-License-Identifier: Apache-2.0
#include "dialects/raw_predictions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json_object.h"
#include "dialects/error_status.h"
#include "dialects/json_body.h"
#include "dialects/output_reply.h"

namespace berth::dialects {
namespace {

using Kind = RawPredictions::Kind;
using Check = void (*)(const json::Value&, const BodyPlace&, BodyErrors&);

constexpr const char* kScores = "detection_scores";
constexpr const char* kBoxes = "detection_boxes";
constexpr const char* kClasses = "detection_classes";

void check_score(const json::Value& value, const BodyPlace& where, BodyErrors& errors) {
  if (!value.IsNumber()) return errors.add(where, "value is not a valid float", "type_error.float");
  if (value.GetDouble() < 0 || value.GetDouble() > 1) {
    errors.add(where, "a score is a number from 0 to 1", "value_error.number");
  }
}

void check_box(const json::Value& value, const BodyPlace& where, BodyErrors& errors) {
  const auto is_number = [](const json::Value& each) { return each.IsNumber(); };
  const bool is_box = value.IsArray() && value.Size() == 4 && std::all_of(value.Begin(), value.End(), is_number);
  if (!is_box) errors.add(where, "a box is four numbers: y1, x1, y2, x2", "value_error.box");
}

void check_class(const json::Value& value, const BodyPlace& where, BodyErrors& errors) {
  if (!value.IsInt64() && !value.IsString()) {
    errors.add(where, "a class is an integer or a name", "type_error.class");
  }
}

// How long the list is; nullopt where it is none.
std::optional<std::size_t> check_list(const json::Value& object, const char* name, Check check, const BodyPlace& where,
                                      BodyErrors& errors) {
  const auto* list = required_member(object, name, where, errors);
  if (list == nullptr) return std::nullopt;
  const auto place = where.at(name);
  if (!list->IsArray()) {
    errors.add(place, "value is not a valid list", "type_error.list");
    return std::nullopt;
  }
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) check((*list)[i], place.at(i), errors);
  return list->Size();
}

std::string lengths_differ(std::size_t scores) {
  return "as many are needed as there are detection_scores: " + std::to_string(scores);
}

// The one entry of a list, or the value itself.
const json::Value& only(const json::Value& value) { return value.IsArray() && value.Size() == 1 ? value[0] : value; }

std::optional<RawPredictions> known_form(const json::Value& value) {
  BodyErrors errors;
  const auto kind = value.IsObject() ? check_raw_predictions(value, BodyPlace(), errors) : Kind::unclassified;
  if (kind == Kind::unclassified || !errors.empty()) return std::nullopt;
  return RawPredictions{kind, json::to_text(value)};
}

// {"labels":[{"label":"cat","probability":0.93},…]}
std::optional<RawPredictions> from_labels(const json::Value& value) {
  const auto* labels = json::find(value, "labels");
  if (labels == nullptr || !labels->IsArray()) return std::nullopt;
  std::string scores, classes;
  for (const auto& each : labels->GetArray()) {
    const auto* label = json::find(each, "label");
    const auto* probability = json::find(each, "probability");
    if (label == nullptr || !label->IsString() || probability == nullptr || !probability->IsNumber()) {
      return std::nullopt;
    }
    scores.append(scores.empty() ? "" : ",").append(json::to_text(*probability));
    classes.append(classes.empty() ? "" : ",").append(json::quote(json::view(*label)));
  }
  json::ObjectText text;
  text.raw(kScores, std::string(1, '[').append(scores).append("]"));
  text.raw(kClasses, std::string(1, '[').append(classes).append("]"));
  return RawPredictions{Kind::classification, text.done()};
}

}  // namespace

std::string_view to_string(RawPredictions::Kind kind) {
  constexpr std::array<std::string_view, 3> kNames{"detection", "classification", "unclassified"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Kind check_raw_predictions(const json::Value& value, const BodyPlace& where, BodyErrors& errors) {
  if (!value.IsObject()) {
    errors.add(where, "value is not a valid dict", "type_error.dict");
    return Kind::unclassified;
  }
  const auto has = [&value](const char* name) { return json::find(value, name) != nullptr; };
  if (!has(kScores) && !has(kBoxes) && !has(kClasses)) return Kind::unclassified;
  const auto scores = check_list(value, kScores, check_score, where, errors);
  const auto check_rest = [&](const char* name, Check check) {
    const auto length = check_list(value, name, check, where, errors);
    if (scores && length && *scores != *length) {
      errors.add(where.at(name), lengths_differ(*scores), "value_error.length");
    }
  };
  check_rest(kClasses, check_class);
  if (!has(kBoxes)) return Kind::classification;
  check_rest(kBoxes, check_box);
  return Kind::detection;
}

RawPredictions raw_predictions_of(const hosting::Output& output) {
  if (output.kind == hosting::Output::Kind::file) {
    return {Kind::unclassified, json::ObjectText().text("content_type", clean_text(output.content_type)).done()};
  }
  const auto text = json_text_of(output);
  const auto document = json::parse(text, true);
  if (!document) return {Kind::unclassified, "{}"};
  const auto* predictions = json::find(*document, "predictions");
  const auto& found = only(predictions == nullptr ? static_cast<const json::Value&>(*document) : *predictions);
  if (auto known = known_form(found)) return *std::move(known);
  if (auto labels = from_labels(found)) return *std::move(labels);
  if (document->IsObject()) return {Kind::unclassified, json::to_text(*document)};
  return {Kind::unclassified, json::ObjectText().raw("output", json::to_text(*document)).done()};
}

}  // namespace berth::dialects
