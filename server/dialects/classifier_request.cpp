// SPDX-License-Identifier: Apache-2.0
#include "dialects/classifier_request.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "dialects/detail_reply.h"

namespace berth::dialects::classifier {
namespace {

// As pydantic reads an int: also from a number without a fraction, or from digits in a text.
std::optional<std::int64_t> integer_of(const json::Value& value) {
  if (value.IsInt64()) return value.GetInt64();
  if (value.IsDouble()) {
    constexpr double kExact = 9007199254740992.0;  // up to here a double holds every integer
    const double number = value.GetDouble();
    if (std::abs(number) > kExact || number != std::floor(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (!value.IsString()) return std::nullopt;
  const auto text = json::view(value);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The member, where it is there and not null; else that is noted.
const json::Value* required(const json::Value& object, std::string_view name, const BodyPlace& where,
                            BodyErrors& errors) {
  const auto* member = json::find(object, name);
  if (member == nullptr) {
    errors.missing(where.at(name));
  } else if (member->IsNull()) {
    errors.add(where.at(name), "none is not an allowed value", "type_error.none.not_allowed");
    return nullptr;
  }
  return member;
}

void read_image(const json::Value& entry, const BodyPlace& where, std::vector<Image>& images, BodyErrors& errors) {
  if (!entry.IsObject()) return errors.add(where, "value is not a valid dict", "type_error.dict");
  Image image;
  if (const auto* id = required(entry, "image_id", where, errors)) {
    const auto number = integer_of(*id);
    if (!number) errors.add(where.at("image_id"), "value is not a valid integer", "type_error.integer");
    image.id = number.value_or(0);
  }
  if (const auto* text = required(entry, "img_base64", where, errors)) {
    const auto place = where.at("img_base64");
    if (!text->IsString()) return errors.add(place, "str type expected", "type_error.str");
    auto bytes = decode_base64(json::view(*text));
    if (!bytes) return errors.add(place, "invalid base64-encoded string", "value_error.base64");
    image.bytes = Bytes(std::move(*bytes));
  }
  images.push_back(std::move(image));
}

}  // namespace

tl::expected<std::vector<Image>, http::Response> read_images(const http::Request& request, const BodyLimits& limits) {
  const BodyPlace body;
  BodyErrors errors;
  std::vector<Image> images;
  const auto refused = [&] { return tl::unexpected<http::Response>(errors.reply()); };
  if (request.body.size() > limits.max_json_bytes) {
    return tl::unexpected<http::Response>(detail_reply(413, "the body is larger than limits.max_json_bytes"));
  }
  if (request.body.empty()) {
    errors.missing(body);
    return refused();
  }
  const auto document = json::parse(request.body.view(), false, limits.max_json_values);
  if (!document && document.error().code == Code::too_large) {
    return tl::unexpected<http::Response>(detail_error(document.error(), {}, request.id));
  }
  if (!document) {
    errors.add(body, document.error().message, "value_error.jsondecode");
    return refused();
  }
  if (!document->IsObject()) {
    errors.add(body, "value is not a valid dict", "type_error.dict");
    return refused();
  }
  const auto* list = required(*document, "images", body, errors);
  if (list != nullptr && !list->IsArray()) {
    errors.add(body.at("images"), "value is not a valid list", "type_error.list");
  } else if (list != nullptr) {
    const auto place = body.at("images");
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) read_image((*list)[i], place.at(i), images, errors);
  }
  if (!errors.empty()) return refused();
  return images;
}

}  // namespace berth::dialects::classifier
