// SPDX-License-Identifier: Apache-2.0
// ObjectText: a JSON object as text, member by member, for the small ones that answers and bodies are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth::json {

// Members stand in the order in which they are added; none may be added twice. [any]
class ObjectText {
 public:
  // `value` is JSON already, and is not looked at.
  ObjectText& raw(std::string_view name, std::string_view value);
  // UTF-8, as quote() has it.
  ObjectText& text(std::string_view name, std::string_view value);
  ObjectText& number(std::string_view name, std::int64_t value);
  ObjectText& flag(std::string_view name, bool value);
  // null where there is none.
  ObjectText& optional(std::string_view name, const std::optional<std::string>& value);

  // What was added; nothing may follow.
  std::string done();

 private:
  std::string text_ = "{";
};

}  // namespace berth::json
