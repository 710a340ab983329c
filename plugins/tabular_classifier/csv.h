// SPDX-License-Identifier: Apache-2.0
// CSV: a table of texts from a file with commas and a header, as RFC 4180 has it.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace berth::tabular {

// Where a file is wrong, for the person who made it: "line 12, column 'age': …".
class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Csv {
  struct Line {
    std::size_t number = 0;  // where it begins in the file, from 1
    std::vector<std::string> cells;
  };
  std::vector<std::string> header;
  std::vector<Line> lines;  // as many cells each as the header has
};

// Empty lines are passed over. Throws CsvError.
Csv read_csv(std::string_view text);

}  // namespace berth::tabular
