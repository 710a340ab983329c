// SPDX-License-Identifier: Apache-2.0
#include "dialects/request_fields.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace berth::dialects {
namespace {

tl::unexpected<BadBody> bad_form(const Error& error) {
  const auto kind = error.code == Code::too_large ? BadBody::Kind::too_large : BadBody::Kind::form;
  return tl::unexpected<BadBody>(BadBody{kind, error.message});
}

tl::unexpected<BadBody> too_large(std::string message, std::size_t limit) {
  message += " (" + std::to_string(limit) + ")";
  return tl::unexpected<BadBody>(BadBody{BadBody::Kind::too_large, std::move(message)});
}

tl::expected<RequestFields, BadBody> read_multipart(const http::Request& request, const http::MultipartLimits& limits) {
  auto parts = http::parse_multipart(request.body, request.header("content-type").value_or(""), limits);
  if (!parts) return bad_form(parts.error());
  RequestFields fields;
  for (auto& part : *parts) {
    if (part.is_file) {
      fields.files.push_back(
          {std::move(part.name), std::move(part.file_name), std::move(part.content_type), std::move(part.bytes)});
    } else {
      fields.form.emplace_back(std::move(part.name), std::string(part.bytes.view()));
    }
  }
  return fields;
}

bool is_json(std::string_view media_type) { return media_type == "application/json" || media_type.ends_with("+json"); }

void take_files(const core::ArgSpec& spec, const RequestFields& fields, core::RawArgs& raw) {
  const auto is_its = [&](const hosting::File& file) { return file.field == spec.key; };
  std::ranges::copy_if(fields.files, std::back_inserter(raw.files), is_its);
  for (auto& text : all_of(fields.form, spec.key)) raw.files.push_back({spec.key, "", "", Bytes(std::move(text))});
}

const json::Value* json_member(const RequestFields& fields, std::string_view key) {
  return fields.json ? json::find(*fields.json, key) : nullptr;
}

}  // namespace

tl::expected<RequestFields, BadBody> read_fields(const http::Request& request, const BodyLimits& limits) {
  const auto media_type = request.media_type();
  if (media_type == "multipart/form-data") return read_multipart(request, limits.multipart);
  RequestFields fields;
  if (request.body.empty()) return fields;
  if (media_type == "application/x-www-form-urlencoded") {
    auto form = http::parse_urlencoded(request.body.view(), limits.max_form_fields);
    if (!form) return bad_form(form.error());
    fields.form = std::move(*form);
  } else if (is_json(media_type)) {
    if (request.body.size() > limits.max_json_bytes) {
      return too_large("the JSON body is larger than limits.max_json_bytes", limits.max_json_bytes);
    }
    // Python's json reads NaN, and an argument's own check then says what is wrong with it.
    auto document = json::parse(request.body.view(), true, limits.max_json_values);
    if (!document && document.error().code == Code::too_large) {
      return too_large("the JSON body holds more values than limits.max_json_values", limits.max_json_values);
    }
    if (!document) return tl::unexpected<BadBody>(BadBody{BadBody::Kind::json, document.error().message});
    fields.json = std::move(*document);
  }
  return fields;
}

tl::expected<void, BadBody> check_training_args(const core::RawArgs& args, const BodyLimits& limits) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : args.values) {
    // JSON was held to the limit before it was read.
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    if (!texts) continue;
    for (const auto& text : *texts) bytes += text.size();
  }
  if (bytes <= limits.max_json_bytes) return {};
  return too_large("the training's arguments are larger than limits.max_json_bytes", limits.max_json_bytes);
}

std::vector<std::string> all_of(const http::Pairs& pairs, std::string_view key) {
  std::vector<std::string> values;
  for (const auto& [name, value] : pairs) {
    if (name == key) values.push_back(value);
  }
  return values;
}

core::RawArgs collect_args(const core::ArgSpecs& specs, const http::Request& request, const RequestFields& fields) {
  using core::ArgSource;
  core::RawArgs raw;
  for (const auto& spec : specs) {
    if (spec.type == core::ArgType::file) {
      take_files(spec, fields, raw);
      continue;
    }
    const auto reads = [&](ArgSource source) { return spec.source == source || spec.source == ArgSource::any; };
    std::vector<std::string> texts;
    if (spec.source == ArgSource::header) {
      if (const auto header = request.header(to_lower(spec.key))) texts.emplace_back(*header);
    }
    if (texts.empty() && reads(ArgSource::query)) texts = all_of(request.query, spec.key);
    if (texts.empty() && reads(ArgSource::form)) texts = all_of(fields.form, spec.key);
    const auto* member = texts.empty() && reads(ArgSource::json) ? json_member(fields, spec.key) : nullptr;
    if (!texts.empty()) raw.values.emplace(spec.key, std::move(texts));
    if (member) raw.values.emplace(spec.key, member);
  }
  return raw;
}

}  // namespace berth::dialects
