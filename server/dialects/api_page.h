// SPDX-License-Identifier: Apache-2.0
// ApiPage: /api, the interactive page that shows the API document with swagger-ui.
#pragma once

#include <filesystem>

#include "dialects/deepaas_options.h"
#include "http/router.h"

namespace berth::dialects {

// Adds GET /api, /api/{file} and /ui (302 to /api). The files of `swagger_ui_dir` (swagger-ui-dist) are read now and
// served from memory, so that no path of a request ever reaches the disk. Without the folder the page says what is
// missing and links to the document.
void add_api_page(http::Router& router, const std::filesystem::path& swagger_ui_dir, const DeepaasOptions& options);

}  // namespace berth::dialects
