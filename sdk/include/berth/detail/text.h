// SPDX-License-Identifier: Apache-2.0
// Texts of the C ABI to and from C++.
#pragma once

#include <string_view>

#include "berth/abi.h"

namespace berth {
inline namespace sdk_v1 {
namespace detail {

inline berth_text to_abi(std::string_view text) { return berth_text{text.data(), text.size()}; }
inline std::string_view to_view(berth_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
