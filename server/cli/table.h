// SPDX-License-Identifier: Apache-2.0
// Table: rows of text in aligned columns.
#pragma once

#include <string>
#include <vector>

namespace berth::cli {

// Columns are two spaces apart; the last is not padded. Control characters are shown as '?', so that what a server or
// a plugin says cannot drive a terminal. Every row has as many cells as `head`.
std::string format_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

}  // namespace berth::cli
