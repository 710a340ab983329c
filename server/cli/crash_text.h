// SPDX-License-Identifier: Apache-2.0
// CrashText: what a server says of its workers' deaths, for people to read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::cli {

// The answer of GET /v2/berth/crashes as a table. invalid_argument: it is none.
Result<std::string> format_crashes(std::string_view json);
// One report. Control characters are shown as '?'. invalid_argument: it is none.
Result<std::string> format_crash(std::string_view json);

}  // namespace berth::cli
