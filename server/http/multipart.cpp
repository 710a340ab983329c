// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <algorithm>

#include "base/text.h"
#include "http/body.h"
#include "http/header_value.h"

namespace berth::http {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

tl::unexpected<Error> bad(std::string what) { return failure(Code::invalid_argument, "multipart: " + std::move(what)); }

// memmem is linear in the worst case and runs at memory speed; string_view::find is neither.
std::size_t find_from(std::string_view text, std::size_t from, std::string_view needle) {
  const void* hit = ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return hit == nullptr ? kNone : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

Result<std::string> boundary_of(std::string_view content_type) {
  const auto value = parse_header_value(content_type);
  if (!value || !equals_ignoring_case(value->main, "multipart/form-data")) {
    return bad("the Content-Type is not a valid multipart/form-data");
  }
  const auto boundary = value->param("boundary");
  if (!boundary || value->repeats("boundary")) return bad("the Content-Type needs exactly one boundary");
  constexpr std::string_view kSymbols = "'()+_,-./:=? ";
  const bool valid = std::ranges::all_of(*boundary, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kSymbols.find(c) != kNone;
  });
  if (!valid || boundary->empty() || boundary->size() > 70 || boundary->back() == ' ') {
    return bad("the boundary is not one (RFC 2046: 1 to 70 characters)");
  }
  return std::string(*boundary);
}

// ext-value of RFC 8187: charset'language'percent-encoded.
Result<std::string> decode_extended(std::string_view text) {
  const auto first = text.find('\'');
  const auto second = first == kNone ? kNone : text.find('\'', first + 1);
  if (second == kNone) return bad("filename* is not charset'language'text");
  const auto charset = text.substr(0, first);
  const auto encoded = text.substr(second + 1);
  if (equals_ignoring_case(charset, "utf-8")) {
    auto decoded = percent_decode(encoded, false);
    if (!decoded) return bad("filename*: " + decoded.error().message);
    return decoded;
  }
  return bad("filename* has a charset other than UTF-8");
}

// A label: the last component, as text. Clients send paths, raw bytes of their locale, and worse.
std::string file_label(std::string_view name) {
  const auto slash = name.find_last_of("/\\");
  if (slash != kNone) name.remove_prefix(slash + 1);
  if (name == "." || name == "..") return {};
  std::string label = is_utf8(name) ? std::string(name) : latin1_to_utf8(name);
  std::ranges::replace_if(
      label, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '_');
  return label;
}

Result<> read_disposition(std::string_view text, Part& part) {
  const auto value = parse_header_value(text);
  if (!value || !equals_ignoring_case(value->main, "form-data")) return bad("a Content-Disposition is not form-data");
  for (const auto* name : {"name", "filename", "filename*"}) {
    if (value->repeats(name)) return bad("a Content-Disposition repeats " + std::string(name));
  }
  const auto name = value->param("name").value_or("");
  if (name.empty()) return bad("a part has no name");
  if (!is_utf8(name)) return bad("a part's name is not UTF-8");
  part.name = name;
  if (const auto extended = value->param("filename*")) {
    auto decoded = decode_extended(*extended);
    if (!decoded) return tl::unexpected(std::move(decoded).error());
    part.is_file = true;
    part.file_name = file_label(*decoded);
  } else if (const auto plain = value->param("filename")) {
    part.is_file = true;
    part.file_name = file_label(*plain);
  }
  return {};
}

Result<> read_header(std::string_view name, std::string_view value, Part& part, bool& has_disposition) {
  if (equals_ignoring_case(name, "content-disposition")) {
    if (has_disposition) return bad("a part has two Content-Dispositions");
    has_disposition = true;
    return read_disposition(value, part);
  }
  if (equals_ignoring_case(name, "content-type")) {
    // It is passed on to plugins and logs, so it must hold no control characters; parse_header_value sees to that.
    if (!parse_header_value(value) || !is_utf8(value)) return bad("a part's Content-Type is malformed");
    part.content_type = value;
  } else if (equals_ignoring_case(name, "content-transfer-encoding")) {
    const bool identity = equals_ignoring_case(value, "binary") || equals_ignoring_case(value, "8bit") ||
                          equals_ignoring_case(value, "7bit");
    if (!identity) return bad("a Content-Transfer-Encoding is not supported");
  }
  return {};
}

// `text` ends with the CRLF of its last line.
Result<> read_headers(std::string_view text, Part& part) {
  bool has_disposition = false;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    const auto colon = line.find(':');
    if (colon == kNone || colon == 0 || line.find_first_of(" \t") < colon) return bad("a part's header is malformed");
    auto read = read_header(line.substr(0, colon), trim(line.substr(colon + 1)), part, has_disposition);
    if (!read) return read;
  }
  if (!has_disposition) return bad("a part has no Content-Disposition");
  return {};
}

// `section`: everything between a boundary's line and the CRLF before the next boundary.
Result<Part> read_part(const Bytes& body, std::string_view section, const MultipartLimits& limits) {
  const auto head = section.substr(0, std::min(section.size(), limits.max_part_header_bytes));
  const auto end = find_from(head, 0, "\r\n\r\n");
  if (end == kNone) {
    return bad(section.size() > head.size() ? "a part's header is too long" : "a part's header has no end");
  }
  Part part;
  if (auto read = read_headers(head.substr(0, end + 2), part); !read) return tl::unexpected(std::move(read).error());
  part.bytes = body.slice(section.substr(end + 4));
  return part;
}

// What follows a boundary on its line: the end, or (after padding) the next part.
enum class Next { part, end, malformed };
Next read_line_end(std::string_view text, std::size_t& position) {
  const bool final = text.substr(position, 2) == "--";
  if (final) position += 2;
  while (position < text.size() && (text[position] == ' ' || text[position] == '\t')) ++position;
  if (final && position == text.size()) return Next::end;
  if (text.substr(position, 2) != "\r\n") return Next::malformed;
  position += 2;
  return final ? Next::end : Next::part;
}

}  // namespace

Result<std::vector<Part>> parse_multipart(const Bytes& body, std::string_view content_type,
                                          const MultipartLimits& limits) {
  const auto boundary = boundary_of(content_type);
  if (!boundary) return tl::unexpected(boundary.error());
  const auto text = body.view();
  const std::string delimiter = "\r\n--" + *boundary;
  const auto first_line = std::string_view(delimiter).substr(2);

  std::size_t position = text.starts_with("\r\n") ? 2 : 0;
  if (text.substr(position, first_line.size()) != first_line) return bad("the body does not begin with its boundary");
  position += first_line.size();

  std::vector<Part> parts;
  for (;;) {
    const auto next = read_line_end(text, position);
    if (next == Next::malformed) return bad("a boundary's line goes on after the boundary");
    if (next == Next::end) break;
    if (parts.size() == limits.max_parts) {
      return failure(Code::too_large, "multipart: more than " + std::to_string(limits.max_parts) + " parts");
    }
    const auto end = find_from(text, position, delimiter);
    if (end == kNone) return bad("the final boundary is missing");
    auto part = read_part(body, text.substr(position, end - position), limits);
    if (!part) return tl::unexpected(std::move(part).error());
    parts.push_back(*std::move(part));
    position = end + delimiter.size();
  }
  if (position != text.size()) return bad("there are bytes after the final boundary");
  return parts;
}

}  // namespace berth::http
