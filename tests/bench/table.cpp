// SPDX-License-Identifier: Apache-2.0
#include "bench/table.h"

#include <cstdio>

namespace berth::bench {

std::string Table::to_markdown() const {
  std::string text = "| what | Berth | against | ratio or difference | bar |\n|---|---|---|---|---|\n";
  for (const auto& row : rows_) {
    text += "| " + row.what + " | " + row.measured + " | " + row.against + " | " + row.ratio + " | " + row.bar + " |\n";
  }
  return text;
}

std::string with_unit(double value, int decimals, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f%s%s", decimals, value, *unit ? " " : "", unit);
  return text;
}

}  // namespace berth::bench
