// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/csv.h"

#include <set>
#include <utility>

namespace berth::tabular {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void fail(std::size_t line, const std::string& what) {
  throw CsvError("line " + std::to_string(line) + ": " + what);
}

// Takes one record after another off a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  Csv::Line next() {
    Csv::Line line{line_, {}};
    do {
      line.cells.push_back(next_cell());
    } while (take(','));
    take('\r');
    if (!take('\n') && !rest_.empty()) fail(line_, "a quoted value is followed by something else than a comma");
    ++line_;
    return line;
  }

 private:
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string next_cell() {
    if (take('"')) return next_quoted();
    auto size = rest_.find_first_of(",\n");
    if (size == rest_.npos) size = rest_.size();
    auto cell = rest_.substr(0, size);
    if (cell.ends_with('\r')) cell.remove_suffix(1);
    if (cell.find_first_of("\"\r") != cell.npos || cell.find('\0') != cell.npos) {
      fail(line_, "a value that is not quoted holds a quote, a carriage return or a zero byte");
    }
    rest_.remove_prefix(size);
    return std::string(cell);
  }

  std::string next_quoted() {
    const auto begin = line_;
    std::string cell;
    while (true) {
      const auto end = rest_.find('"');
      if (end == rest_.npos) fail(begin, "a quote is not closed");
      cell.append(rest_.substr(0, end));
      for (const char c : rest_.substr(0, end)) line_ += c == '\n' ? 1 : 0;
      rest_.remove_prefix(end + 1);
      if (!take('"')) return cell;
      cell += '"';
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

Csv read_csv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Reader reader(text);
  Csv csv;
  while (!reader.at_end()) {
    auto line = reader.next();
    if (line.cells.size() == 1 && line.cells.front().empty()) continue;
    if (csv.header.empty()) {
      std::set<std::string_view> names;
      for (const auto& name : line.cells) {
        if (!names.insert(name).second) fail(line.number, "two columns are named '" + name + "'");
      }
      csv.header = std::move(line.cells);
      continue;
    }
    if (line.cells.size() != csv.header.size()) {
      fail(line.number, "it has " + std::to_string(line.cells.size()) + " values, and the header names " +
                            std::to_string(csv.header.size()) + " columns");
    }
    csv.lines.push_back(std::move(line));
  }
  if (csv.header.empty()) throw CsvError("line 1: there is no header that names the columns");
  return csv;
}

}  // namespace berth::tabular
