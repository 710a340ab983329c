// SPDX-License-Identifier: Apache-2.0
// Table: what a benchmark run found, one line a measurement, printed as Markdown.
#pragma once

#include <string>
#include <vector>

namespace berth::bench {

struct Row {
  std::string what;
  std::string measured;  // with its unit
  std::string against;   // what it is compared with, measured in the same run
  std::string ratio;     // or the difference
  std::string bar;       // what it should reach; "" = none
};

class Table {
 public:
  void add(Row row) { rows_.push_back(std::move(row)); }
  std::string to_markdown() const;

 private:
  std::vector<Row> rows_;
};

std::string with_unit(double value, int decimals, const char* unit);

}  // namespace berth::bench
