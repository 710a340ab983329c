// SPDX-License-Identifier: Apache-2.0
// AdminCrashes: the reports of workers' deaths, for an operator.
#pragma once

#include <memory>

#include "hosting/crash_reporter.h"
#include "http/router.h"

namespace berth::dialects {

// Adds GET /v2/berth/crashes, newest first, and /v2/berth/crashes/{id}; see docs/crashes.md. For admins.
void add_admin_crashes(http::Router& router, std::shared_ptr<const hosting::CrashReporter> crashes);

}  // namespace berth::dialects
