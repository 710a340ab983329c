// SPDX-License-Identifier: Apache-2.0
#include "dialects/account_request.h"

#include <charconv>
#include <string>
#include <utility>

#include "dialects/access_guard.h"

namespace berth::dialects {

identity::Actor actor_of(const Request& request) {
  const auto& caller = caller_of(request);
  auto name = caller.name;
  if (caller.key_id != 0) name.append(" key ").append(std::to_string(caller.key_id));
  return {.name = std::move(name), .address = caller.address};
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

}  // namespace berth::dialects
