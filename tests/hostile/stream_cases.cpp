// SPDX-License-Identifier: Apache-2.0
#include "hostile/stream_cases.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <sstream>

namespace berth::test {

namespace {

[[noreturn]] void broken(const std::string& line) {
  std::fprintf(stderr, "streams.txt: cannot read: %s\n", line.c_str());
  std::abort();
}

// {20000*text}: the text that often; the braces' content may have escapes, but no braces.
std::string expand_repeat(const std::string& inside);

std::string unescape(const std::string& line) {
  std::string bytes;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '{') {
      const auto end = line.find('}', i);
      if (end == std::string::npos) broken(line);
      bytes += expand_repeat(line.substr(i + 1, end - i - 1));
      i = end;
      continue;
    }
    if (line[i] != '\\') {
      bytes += line[i];
      continue;
    }
    if (++i == line.size()) broken(line);
    switch (line[i]) {
      case 'r': bytes += '\r'; break;
      case 'n': bytes += '\n'; break;
      case 't': bytes += '\t'; break;
      case '\\': bytes += '\\'; break;
      case 'x':
        if (i + 2 >= line.size()) broken(line);
        bytes += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      default: broken(line);
    }
  }
  return bytes;
}

std::string expand_repeat(const std::string& inside) {
  const auto star = inside.find('*');
  if (star == std::string::npos) broken(inside);
  const auto part = unescape(inside.substr(star + 1));
  std::string bytes;
  for (int left = std::stoi(inside.substr(0, star)); left > 0; --left) bytes += part;
  return bytes;
}

void read_expectation(const std::string& line, StreamCase& stream) {
  std::istringstream words(line.substr(2));
  std::string word;
  while (words >> word) {
    if (word == "open" || word == "close") {
      stream.stays_open = word == "open";
      return;
    }
    stream.statuses.push_back(std::stoi(word));
  }
  broken(line);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const StreamCase& stream) { return out << stream.name; }

std::vector<StreamCase> load_stream_cases(const std::string& file) {
  std::ifstream in(file);
  std::vector<StreamCase> cases;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("== ")) {
      cases.push_back({.name = line.substr(3)});
    } else if (cases.empty()) {
      broken(line);
    } else if (line.starts_with("->")) {
      read_expectation(line, cases.back());
    } else {
      cases.back().bytes += unescape(line);
    }
  }
  if (cases.empty()) broken(file);
  return cases;
}

}  // namespace berth::test
