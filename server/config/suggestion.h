// SPDX-License-Identifier: Apache-2.0
// Suggestion: which known key somebody probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::config {

// The key among `near` that differs from `name` by a typing mistake, else the one of `far` (full paths) that ends in
// ".<name>"; "" where there is none.
std::string suggest(std::string_view name, const std::vector<std::string>& near, const std::vector<std::string>& far);

// Every key with its full path, "server.port", in the order of the file; of `models` the block alone.
std::vector<std::string> all_keys();

}  // namespace berth::config
