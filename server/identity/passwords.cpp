// SPDX-License-Identifier: Apache-2.0
#include "identity/passwords.h"

#include <sodium.h>

#include <array>

namespace berth::identity {

Result<> check_password(std::string_view password) {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return failure(Code::invalid_argument, "a password has " + std::to_string(kMinPasswordBytes) + " to " +
                                               std::to_string(kMaxPasswordBytes) + " bytes");
  }
  if (password.find('\0') != password.npos) return failure(Code::invalid_argument, "a password has no NUL in it");
  return {};
}

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  if (::sodium_init() < 0) return failure(Code::unavailable, "libsodium cannot be used");
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (::crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return failure(Code::unavailable, "there is no memory to hash a password");
  }
  return std::string(text.data());
}

bool verify_password(const std::string& hash, std::string_view password) {
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  return ::crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash, const PasswordCost& cost) {
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  return ::crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) == 1;
}

}  // namespace berth::identity
