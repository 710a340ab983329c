// SPDX-License-Identifier: Apache-2.0
// What the Open Inference Protocol tells of the server and of a model. Two of its objects are DEEPaaS V2's as well, so
// its members are put into those.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "core/service.h"

namespace berth::dialects::open_inference {

// {"name","version","extensions"}
std::string server_metadata();
// The same put into an object that has a `version` of its own.
std::string with_server_metadata(std::string object_text);

// Sets versions, platform, inputs and outputs; `name` only where there is none.
void add_model_metadata(json::Value& object, const core::Service& service, const core::ModelView& view,
                        json::Document::AllocatorType& allocator);
// {"name","versions","platform","inputs","outputs"}
std::string model_metadata(const core::Service& service, const core::ModelView& view);

}  // namespace berth::dialects::open_inference
