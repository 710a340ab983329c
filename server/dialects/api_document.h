// SPDX-License-Identifier: Apache-2.0
// ApiDocument: /swagger.json, made from what the models that are ready declare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/service.h"
#include "dialects/deepaas_options.h"
#include "http/router.h"

namespace berth::dialects {

struct DocumentScope {
  bool v1 = true;
  bool v2 = true;
  std::vector<std::string_view> others = {};  // paths of other dialects, see api_document_dialects.h
};

// Swagger 2.0 as JSON text.
std::string api_document(const core::Service& service, const std::string& base_path, const DocumentScope& scope);

// Adds GET /swagger.json. Call it after the dialects: it describes those that the router has by then.
void add_api_document(http::Router& router, core::Service& service, const DeepaasOptions& options);

}  // namespace berth::dialects
