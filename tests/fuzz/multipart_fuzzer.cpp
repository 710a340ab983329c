// SPDX-License-Identifier: Apache-2.0
// Splits form uploads: the first line is the Content-Type, the rest is the body.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/body.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = input.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const berth::Bytes body{std::string(input.substr(line_end + 1))};
  const berth::http::MultipartLimits limits{.max_parts = 16, .max_part_header_bytes = 256};
  const auto parts = berth::http::parse_multipart(body, input.substr(0, line_end), limits);
  if (!parts) return 0;
  require(parts->size() <= limits.max_parts);
  const char* last = body.data();
  for (const auto& part : *parts) {
    // Slices of the body, in order, none overlapping another.
    require(part.bytes.empty() || part.bytes.data() >= last);
    require(part.bytes.empty() || part.bytes.data() + part.bytes.size() <= body.data() + body.size());
    if (!part.bytes.empty()) last = part.bytes.data() + part.bytes.size();
    require(part.file_name.find('/') == std::string::npos && part.file_name.find('\0') == std::string::npos);
  }
  return 0;
}
