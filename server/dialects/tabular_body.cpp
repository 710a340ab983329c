// SPDX-License-Identifier: Apache-2.0
#include "dialects/tabular_body.h"

#include <utility>

namespace berth::dialects::tabular {
namespace {

tl::unexpected<Error> no_object(std::string message) {
  auto fields = std::string("{\"body\":[").append(json::quote(message)).append("]}");
  return failure(Error{Code::invalid_argument, std::move(message), std::move(fields)});
}

}  // namespace

Result<json::Document> read_object(const Request& request, const BodyLimits& limits) {
  if (request.body.size() > limits.max_json_bytes) {
    return failure(Code::too_large, "the body is larger than limits.max_json_bytes");
  }
  auto body = json::parse(request.body.view(), false, limits.max_json_values);
  if (!body && body.error().code != Code::invalid_argument) return body;
  if (!body) return no_object(body.error().message);
  if (!body->IsObject()) return no_object("expected a JSON object");
  return body;
}

Result<json::Document> read_members(const Request& request, const BodyLimits& limits, const core::ArgSpecs& specs) {
  const auto body = read_object(request, limits);
  if (!body) return tl::unexpected<Error>(body.error());
  core::RawArgs raw;
  for (const auto& spec : specs) {
    if (const auto* value = json::find(*body, spec.key)) raw.values.emplace(spec.key, value);
  }
  const auto checked = core::check_args(specs, raw);
  if (!checked) return tl::unexpected<Error>(checked.error());
  return json::parse(checked->json);
}

core::ArgSpec needed(std::string name, core::ArgType type) {
  core::ArgSpec spec;
  spec.key = name;
  spec.name = std::move(name);
  spec.type = type;
  spec.required = true;
  return spec;
}

}  // namespace berth::dialects::tabular
