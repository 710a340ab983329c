// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>

namespace berth::cli {
namespace {

// Code points, which is near enough to columns for names and reasons.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_row(std::string& text, const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    auto cell = row[i];
    std::ranges::replace_if(
        cell, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    text += cell;
    if (i + 1 < row.size()) text.append(widths[i] - width(cell) + 2, ' ');
  }
  while (text.ends_with(' ')) text.pop_back();
  text += '\n';
}

}  // namespace

std::string format_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < head.size(); ++i) {
    auto widest = width(head[i]);
    for (const auto& row : rows) widest = std::max(widest, width(row[i]));
    widths.push_back(widest);
  }
  std::string text;
  append_row(text, head, widths);
  for (const auto& row : rows) append_row(text, row, widths);
  return text;
}

}  // namespace berth::cli
