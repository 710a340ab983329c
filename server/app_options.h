// SPDX-License-Identifier: Apache-2.0
// What the configuration says, as the options of each part: the parts do not know the configuration.
#pragma once

#include "base/result.h"
#include "config/config.h"
#include "core/recorder.h"
#include "dialects/request_fields.h"
#include "hosting/crash_reporter.h"
#include "http/fetch.h"
#include "net/server.h"
#include "records/records.h"
#include "training/trainings.h"

namespace berth {

// forbidden: an address beyond loopback, which the configuration does not open to anonymous callers. invalid_argument:
// a trusted proxy that is no address.
Result<net::Options> net_options(const config::Config& config);
dialects::BodyLimits body_limits(const config::Config& config);
http::FetchOptions fetch_options(const config::Config& config);
training::TrainingsOptions trainings_options(const config::Config& config);
// `loops`: where calls go on.
records::Options records_options(const config::Config& config, std::vector<Loop*> loops);
core::RecorderOptions recorder_options(const config::Config& config);
training::JournalLimits journal_limits(const config::Config& config);
hosting::CrashReporter::Options crash_options(const config::Config& config);

}  // namespace berth
