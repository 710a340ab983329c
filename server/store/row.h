// SPDX-License-Identifier: Apache-2.0
// What rows have in common: when they were made, as text that both databases and people read.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace berth::store {

// "2026-11-22T10:00:00.123456Z"
std::string time_text(std::chrono::system_clock::time_point time);

// The same from what a database says: PostgreSQL writes "2026-11-22 10:00:00.123456+00".
std::string time_text(std::string_view from_database);

}  // namespace berth::store
