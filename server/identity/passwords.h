// SPDX-License-Identifier: Apache-2.0
// Passwords: kept as Argon2id's own text (RFC 9106), which says how costly it was made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::identity {

// What one hash takes: memory, and passes over it. The defaults are libsodium's for interactive use.
struct PasswordCost {
  std::size_t memory_bytes = 64UL * 1024 * 1024;
  std::size_t passes = 2;
};

// What a password may be: length in bytes, and no NUL. invalid_argument says so, without the password.
inline constexpr std::size_t kMinPasswordBytes = 8;
inline constexpr std::size_t kMaxPasswordBytes = 1024;
Result<> check_password(std::string_view password);

// unavailable: no memory for it. Takes tens of milliseconds. [any, blocks]
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost);

// In a time that does not depend on what is wrong; false for a hash that is none. [any, blocks]
bool verify_password(const std::string& hash, std::string_view password);

// Whether it was made at another cost than that; false for a hash that is none. [any]
bool needs_rehash(const std::string& hash, const PasswordCost& cost);

}  // namespace berth::identity
