// SPDX-License-Identifier: Apache-2.0
#include "identity/tokens.h"

#include <jwt.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "identity/api_key.h"

namespace berth::identity {
namespace {

// Verifying takes some microseconds, finding a token that was verified before less than one.
constexpr std::size_t kRemembered = 4096;

struct FreeJwt {
  void operator()(jwt_t* jwt) const { ::jwt_free(jwt); }
};
using Jwt = std::unique_ptr<jwt_t, FreeJwt>;

const unsigned char* bytes_of(const std::string& key) { return reinterpret_cast<const unsigned char*>(key.data()); }
int size_of(const std::string& key) { return static_cast<int>(key.size()); }

tl::unexpected<Error> invalid() { return failure(Code::unauthenticated, "the token is not valid"); }

// What it claims, if `key` signed it.
std::optional<Token> decode(const std::string& text, const std::string& key) {
  jwt_t* raw = nullptr;
  if (::jwt_decode(&raw, text.c_str(), bytes_of(key), size_of(key)) != 0) return std::nullopt;
  const Jwt jwt(raw);
  if (::jwt_get_alg(raw) != JWT_ALG_HS256) return std::nullopt;
  Token token;
  const char* subject = ::jwt_get_grant(raw, "sub");
  const std::string_view digits = subject == nullptr ? "" : subject;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), token.user_id);
  if (error != std::errc() || end != digits.data() + digits.size() || token.user_id <= 0) return std::nullopt;
  token.issued = ::jwt_get_grant_int(raw, "iat");
  token.expires = ::jwt_get_grant_int(raw, "exp");
  token.key_id = std::max(::jwt_get_grant_int(raw, "key"), 0L);  // -1: it has none
  if (const char* deployment = ::jwt_get_grant(raw, "dep")) token.deployment = deployment;
  return token;
}

}  // namespace

struct Tokens::State {
  std::vector<std::string> keys;
  Mutex mutex;
  std::unordered_map<std::string, Token> verified BERTH_GUARDED_BY(mutex);  // by the hash of its text
};

Result<std::unique_ptr<Tokens>> Tokens::create(std::vector<std::string> keys) {
  if (keys.empty()) return failure(Code::invalid_argument, "there is no key to sign tokens with");
  for (const auto& key : keys) {
    if (key.size() >= kTokenKeyBytes) continue;
    return failure(Code::invalid_argument,
                   "a key to sign tokens with has at least " + std::to_string(kTokenKeyBytes) + " bytes");
  }
  auto state = std::make_unique<State>();
  state->keys = std::move(keys);
  return std::unique_ptr<Tokens>(new Tokens(std::move(state)));
}

Tokens::Tokens(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tokens::~Tokens() = default;

Result<std::string> Tokens::issue(const Token& token) const {
  jwt_t* raw = nullptr;
  if (::jwt_new(&raw) != 0) return failure(Code::internal, "no memory for a token");
  const Jwt jwt(raw);
  const auto& key = state_->keys.front();
  bool good = ::jwt_set_alg(raw, JWT_ALG_HS256, bytes_of(key), size_of(key)) == 0 &&
              ::jwt_add_grant(raw, "sub", std::to_string(token.user_id).c_str()) == 0 &&
              ::jwt_add_grant_int(raw, "iat", token.issued) == 0 && ::jwt_add_grant_int(raw, "exp", token.expires) == 0;
  if (token.key_id != 0) good = good && ::jwt_add_grant_int(raw, "key", token.key_id) == 0;
  if (!token.deployment.empty()) good = good && ::jwt_add_grant(raw, "dep", token.deployment.c_str()) == 0;
  const std::unique_ptr<char, void (*)(char*)> text(good ? ::jwt_encode_str(raw) : nullptr,
                                                    [](char* made) { std::free(made); });
  if (text == nullptr) return failure(Code::internal, "a token could not be made");
  return std::string(text.get());
}

Result<Token> Tokens::verify(std::string_view text, std::chrono::system_clock::time_point now) const {
  if (text.size() > kMaxTokenBytes || text.find('\0') != text.npos) return invalid();
  const auto hash = hash_of_key(text);
  std::optional<Token> token;
  {
    const Lock lock(state_->mutex);
    if (const auto found = state_->verified.find(hash); found != state_->verified.end()) token = found->second;
  }
  if (!token) {
    const std::string copy(text);
    for (const auto& key : state_->keys) {
      token = decode(copy, key);
      if (token) break;
    }
    if (!token) return invalid();
    const Lock lock(state_->mutex);
    if (state_->verified.size() >= kRemembered) state_->verified.clear();
    state_->verified.emplace(hash, *token);
  }
  if (std::chrono::system_clock::to_time_t(now) >= token->expires) return invalid();
  return *std::move(token);
}

}  // namespace berth::identity
