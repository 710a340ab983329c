// SPDX-License-Identifier: Apache-2.0
#include "dialects/classifier_request.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "dialects/json_body.h"

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

void read_image(const json::Value& entry, const BodyPlace& where, std::vector<Image>& images, BodyErrors& errors) {
  if (!entry.IsObject()) return errors.add(where, "value is not a valid dict", "type_error.dict");
  Image image;
  if (const auto* id = required_member(entry, "image_id", where, errors)) {
    const auto number = integer_of(*id);
    if (!number) errors.add(where.at("image_id"), "value is not a valid integer", "type_error.integer");
    image.id = number.value_or(0);
  }
  if (const auto* text = required_member(entry, "img_base64", where, errors)) {
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
  const auto document = read_json_object(request, limits);
  if (!document) return tl::unexpected<http::Response>(document.error());
  const BodyPlace body;
  BodyErrors errors;
  std::vector<Image> images;
  const auto* list = required_member(*document, "images", body, errors);
  if (list != nullptr && !list->IsArray()) {
    errors.add(body.at("images"), "value is not a valid list", "type_error.list");
  } else if (list != nullptr) {
    const auto place = body.at("images");
    for (rapidjson::SizeType i = 0; i < list->Size(); ++i) read_image((*list)[i], place.at(i), images, errors);
  }
  if (!errors.empty()) return tl::unexpected<http::Response>(errors.reply());
  return images;
}

}  // namespace berth::dialects::classifier
