// SPDX-License-Identifier: Apache-2.0
// OutputCheck: what a model answers is checked before it may leave: valid JSON, finite, and as its schema says.
#pragma once

#include <rapidjson/schema.h>

#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/result.h"
#include "hosting/call.h"

namespace berth::core {

// A JSON Schema (draft 4), compiled; checks from several threads at once are fine.
struct ResponseSchema {
  explicit ResponseSchema(json::Document source_in) : source(std::move(source_in)), compiled(source) {}
  const json::Document source;
  const rapidjson::SchemaDocument compiled;
};

// JSON that is not valid, or breaks the schema: internal, and the message names the field. A number that is not finite
// becomes null, and the log says so. `schema` may be null; files, texts and tensors have none. [any]
Result<hosting::Output> check_output(hosting::Output output, const ResponseSchema* schema, const log::Context& context);

}  // namespace berth::core
