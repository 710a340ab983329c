// SPDX-License-Identifier: Apache-2.0
// Tokens: what a login gives, good for a while: JSON Web Tokens (RFC 7519), signed with HS256 and nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::identity {

// What a token says. Claims: sub, iat, exp, key where it was given for a key, and dep where it is for one deployment.
struct Token {
  std::int64_t user_id = 0;
  std::int64_t issued = 0;  // seconds since 1970
  std::int64_t expires = 0;
  std::int64_t key_id = 0;  // 0: for no key
  std::string deployment = {};
};

inline constexpr std::size_t kTokenKeyBytes = 32;
inline constexpr std::size_t kMaxTokenBytes = 4096;

class Tokens {
 public:
  // The first key signs, all of them verify, each at least kTokenKeyBytes long. invalid_argument: there is none, or one
  // is too short.
  static Result<std::unique_ptr<Tokens>> create(std::vector<std::string> keys);
  ~Tokens();

  // [any]
  Result<std::string> issue(const Token& token) const;
  // unauthenticated: it is no token, is signed by none of the keys or by another algorithm, has no subject, or has
  // expired by `now`. Says no more than that. [any]
  Result<Token> verify(std::string_view text, std::chrono::system_clock::time_point now) const;

 private:
  struct State;
  explicit Tokens(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace berth::identity
