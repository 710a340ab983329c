// SPDX-License-Identifier: Apache-2.0
// What the API document says whatever the models are: Swagger 2.0 as JSON texts.
#pragma once

#include <string_view>

namespace berth::dialects {

// The document without base path and models.
std::string_view api_document_template();

// The paths of one model; {model} stands for its name and is to be replaced.
std::string_view api_document_v2_model();
std::string_view api_document_v1_model();

}  // namespace berth::dialects
