// SPDX-License-Identifier: Apache-2.0
// What the program ends with, for scripts; docs/command-line.md says the same.
#pragma once

namespace berth::cli {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;  // it was asked properly and could not do it
inline constexpr int kUsage = 2;   // the command line or the configuration is wrong

}  // namespace berth::cli
