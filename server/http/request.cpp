// SPDX-License-Identifier: Apache-2.0
#include "http/request.h"

#include "base/text.h"
#include "http/header_value.h"

namespace berth::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view Request::host() const { return forwarded_host.empty() ? header("host").value_or("") : forwarded_host; }

std::string Request::media_type() const {
  const auto value = header("content-type").value_or("");
  return to_lower(trim(value.substr(0, value.find(';'))));
}

}  // namespace berth::http
