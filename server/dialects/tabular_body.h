// SPDX-License-Identifier: Apache-2.0
// What the bodies of the tabular API hold: JSON objects, whatever Content-Type says.
#pragma once

#include <string>

#include "base/json.h"
#include "core/args.h"
#include "dialects/http_types.h"
#include "dialects/request_fields.h"

namespace berth::dialects::tabular {

// invalid_argument, with fields_json: it is no JSON, or no object; too_large. [any]
Result<json::Document> read_object(const Request& request, const BodyLimits& limits);

// An object with those members, as text or what `specs` say. invalid_argument, with fields_json: each that is missing
// or is not what it has to be; others are ignored. [any]
Result<json::Document> read_members(const Request& request, const BodyLimits& limits, const core::ArgSpecs& specs);

// A member that has to be there.
core::ArgSpec needed(std::string name, core::ArgType type = core::ArgType::string);

}  // namespace berth::dialects::tabular
