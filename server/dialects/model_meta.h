// SPDX-License-Identifier: Apache-2.0
// META: the object by which the DEEPaaS API shows a model, in listings and alone.
#pragma once

#include <string_view>

#include "base/json.h"
#include "core/service.h"

namespace berth::dialects {

// id, name and a link to itself, overlaid by the model's metadata (less what the SDK keeps there for the server).
json::Value model_meta(const core::ModelView& view, std::string_view href, json::Document::AllocatorType& allocator);

// Whether there is such a model, ready or not; true for a path that names none (""). [any]
bool is_known(const core::Service& service, std::string_view model);

}  // namespace berth::dialects
