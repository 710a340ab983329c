// SPDX-License-Identifier: Apache-2.0
#include "store/row.h"

#include <cstdio>

#include "base/utc.h"

namespace berth::store {

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count() % 1'000'000;
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(since));
  return utc_text(time, "%Y-%m-%dT%H:%M:%S").append(fraction);
}

std::string time_text(std::string_view from_database) {
  std::string text(from_database);
  if (text.size() < 19 || text.back() == 'Z') return text;
  text[10] = 'T';
  if (text.ends_with("+00")) text.resize(text.size() - 3);
  if (text.size() == 19) text += '.';
  text.resize(26, '0');
  return text += 'Z';
}

}  // namespace berth::store
