// SPDX-License-Identifier: Apache-2.0
// StreamCase: bytes that a client sends, and the statuses it must get for them; read from streams.txt.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace berth::test {

struct StreamCase {
  std::string name;
  std::string bytes = {};
  std::vector<int> statuses = {};
  bool stays_open = false;

  bool refused() const { return !statuses.empty() && statuses.back() >= 400; }
};

std::ostream& operator<<(std::ostream& out, const StreamCase& stream);

// Reads all cases; aborts where the file breaks its own grammar (which streams.txt explains).
std::vector<StreamCase> load_stream_cases(const std::string& file);

}  // namespace berth::test
