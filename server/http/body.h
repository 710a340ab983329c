// SPDX-License-Identifier: Apache-2.0
// Bodies: the parts of a multipart upload, the fields of a form, and what a client accepts.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http/request.h"

namespace berth::http {

// One part of multipart/form-data (RFC 7578).
struct Part {
  std::string name;
  bool is_file = false;   // it had a filename
  std::string file_name;  // the client's; filename* (RFC 8187) decoded, path components removed. Never a path to use.
  std::string content_type;  // as sent, "" where absent
  Bytes bytes;               // a slice of the request's body; no copy
};

struct MultipartLimits {
  std::size_t max_parts = 256;
  std::size_t max_part_header_bytes = 8UL * 1024;
};

// Splits a body whose Content-Type header is `content_type`. A missing or bad boundary, no final boundary, a part
// without a name, a header beyond the limits: invalid_argument that names what is wrong; too many parts: too_large.
Result<std::vector<Part>> parse_multipart(const Bytes& body, std::string_view content_type,
                                          const MultipartLimits& limits);

// application/x-www-form-urlencoded; also the query of a target. Bad percent-encoding or more than `max_fields`:
// invalid_argument. An encoded NUL is refused.
Result<Pairs> parse_urlencoded(std::string_view text, std::size_t max_fields = 1024);

// Decodes %XX (and '+' where `plus_is_space`); invalid_argument for a bad escape, a NUL, or a result that is not UTF-8.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);
// All but letters, digits and "-._~" as %XX, so that it may stand in a path or query. [any]
std::string percent_encode(std::string_view text);

// The offered media type that the Accept header likes best (RFC 9110 §12.5.1: q values, */*, type/*, ties by order of
// `offered`); nullopt where none is acceptable. An empty or absent Accept takes the first.
std::optional<std::string_view> negotiate(std::string_view accept, std::span<const std::string_view> offered);

}  // namespace berth::http
