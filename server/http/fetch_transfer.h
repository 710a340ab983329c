// SPDX-License-Identifier: Apache-2.0
// One fetch from beginning to end, redirects included, on the calling thread.
#pragma once

#include <atomic>
#include <string>

#include "http/fetch.h"
#include "http/fetch_guard.h"

namespace berth::http {

// Blocks for at most options.total_timeout; `stop` ends it within a second or so: cancelled.
Result<FetchedFile> fetch_now(const std::string& url, const FetchOptions& options, const FetchGuard& guard,
                              const std::atomic<bool>& stop);

}  // namespace berth::http
