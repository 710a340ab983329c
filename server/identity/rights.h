// SPDX-License-Identifier: Apache-2.0
// Rights: what somebody may do with which models.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::identity {

enum class Right : std::uint8_t { predict = 1, train = 2, manage = 4 };  // manage: load, unload, roll out
inline constexpr std::array<Right, 3> kAllRights{Right::predict, Right::train, Right::manage};
std::string_view to_string(Right right);

// Which rights on which models; "*" is every model that is not named itself. Where a model is named, only what stands
// there counts for it: {"*":["predict"],"digits":[]} is everything but digits. A value.
class Rights {
 public:
  Rights() = default;
  // The same on every model.
  static Rights on_all(std::initializer_list<Right> rights);
  // {"*":["predict"],"digits":["predict","train","manage"]}; invalid_argument names what is none. [any]
  static Result<Rights> parse(std::string_view json);

  bool has(Right right, std::string_view model) const;
  // Whether it says nothing at all: whoever has it may do nothing, or what somebody else says.
  bool empty() const { return by_model_.empty(); }
  std::string to_json() const;
  bool operator==(const Rights&) const = default;

 private:
  std::map<std::string, std::uint8_t, std::less<>> by_model_;
};

}  // namespace berth::identity
