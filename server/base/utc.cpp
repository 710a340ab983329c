// SPDX-License-Identifier: Apache-2.0
#include "base/utc.h"

#include <array>
#include <ctime>

namespace berth {

std::string utc_text(std::chrono::system_clock::time_point time, const char* format) {
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace berth
