// SPDX-License-Identifier: Apache-2.0
// Half-precision numbers (IEEE 754 binary16), which C++17 has no type for, to and from float.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace berth {
inline namespace sdk_v1 {
namespace detail {

inline float from_half(std::uint16_t half) {
  const auto mantissa = static_cast<float>(half & 0x3ffu);
  const int exponent = half >> 10 & 0x1f;
  float value = 0;
  if (exponent == 0x1f) {
    const std::uint32_t bits = 0x7f800000u | (half & 0x3ffu) << 13;
    std::memcpy(&value, &bits, sizeof value);
  } else {
    value = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(mantissa + 1024, exponent - 25);
  }
  return (half & 0x8000u) != 0 ? -value : value;
}

// To the nearest, ties to even.
inline std::uint16_t to_half(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);   // not a number
  if (magnitude >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);  // rounds to more than the largest
  if (magnitude < 0x38800000u) {                                                    // below the smallest normal one
    const double steps = std::nearbyint(std::ldexp(std::fabs(static_cast<double>(value)), 24));
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(steps));
  }
  const std::uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
