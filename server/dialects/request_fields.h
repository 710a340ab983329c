// SPDX-License-Identifier: Apache-2.0
// RequestFields: what a request's body holds, whichever of the three forms it came in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "core/args.h"
#include "hosting/call.h"
#include "http/body.h"
#include "http/request.h"

namespace berth::dialects {

// What a body may hold; beyond: as http/body.h says.
struct BodyLimits {
  http::MultipartLimits multipart = {};
  std::size_t max_form_fields = 1024;
  std::size_t max_json_bytes = 16UL * 1024 * 1024;  // read on an I/O thread, and several times as large once read
  std::size_t max_json_values = json::kMaxValues;
};

struct RequestFields {
  http::Pairs form;                    // urlencoded, or the parts of a multipart body that are no files
  std::vector<hosting::File> files;    // slices of the body
  std::optional<json::Document> json;  // application/json and *+json; any JSON, not only objects
};

struct BadBody {
  enum class Kind { json, form, too_large };
  Kind kind = Kind::form;
  std::string message;
};

// A body of another type has no fields; neither has an empty one. [any]
tl::expected<RequestFields, BadBody> read_fields(const http::Request& request, const BodyLimits& limits);

// Holds a training's arguments to max_json_bytes in whatever form they came: unlike a prediction's they are kept. Their
// files do not count. [any]
tl::expected<void, BadBody> check_training_args(const core::RawArgs& args, const BodyLimits& limits);

// Every value of `key`, in order.
std::vector<std::string> all_of(const http::Pairs& pairs, std::string_view key);

// What was sent for each of the arguments: from the source it names; else from query, form, JSON, the first that has
// it. A form field sent for a file argument counts as the file. The result refers to `fields`.
core::RawArgs collect_args(const core::ArgSpecs& specs, const http::Request& request, const RequestFields& fields);

}  // namespace berth::dialects
