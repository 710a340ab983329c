// SPDX-License-Identifier: Apache-2.0
// A point in time as text, in UTC.
#pragma once

#include <chrono>
#include <string>

namespace berth {

// As strftime writes it, to the second and at most 31 bytes: "%Y-%m-%dT%H:%M:%SZ". [any]
std::string utc_text(std::chrono::system_clock::time_point time, const char* format);

}  // namespace berth
