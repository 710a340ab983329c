// SPDX-License-Identifier: Apache-2.0
// What the API document says of dialects that are not always there: an object of paths each, as JSON.
#pragma once

#include <string_view>

namespace berth::dialects {

std::string_view api_document_classifier();
std::string_view api_document_deployments();
std::string_view api_document_tabular();  // uses the template's definitions

}  // namespace berth::dialects
