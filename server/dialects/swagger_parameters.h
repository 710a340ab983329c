// SPDX-License-Identifier: Apache-2.0
// SwaggerParameters: a model's argument specs, and its response schema, in the words of Swagger 2.0.
#pragma once

#include "base/json.h"
#include "core/args.h"

namespace berth::dialects {

using Allocator = json::Document::AllocatorType;

// One parameter object. Containers that Swagger cannot put into a query are strings with format "json".
json::Value swagger_parameter(const core::ArgSpec& spec, Allocator& allocator);

// What Swagger's schema objects can say of a JSON Schema; the rest is left out.
json::Value swagger_schema(const json::Value& schema, Allocator& allocator);

}  // namespace berth::dialects
