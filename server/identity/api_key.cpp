// SPDX-License-Identifier: Apache-2.0
#include "identity/api_key.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

#include "base/text.h"

namespace berth::identity {
namespace {

constexpr std::string_view kMark = "berth_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kPrefixBytes = 12;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

ApiKey make_api_key() {
  if (::sodium_init() < 0) throw std::runtime_error("libsodium cannot be used");
  std::array<unsigned char, kRandomBytes> random{};
  ::randombytes_buf(random.data(), random.size());
  std::array<char, sodium_base64_ENCODED_LEN(kRandomBytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
  ::sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  ApiKey key;
  key.secret = std::string(kMark).append(text.data());
  key.prefix = key.secret.substr(0, kPrefixBytes);
  key.hash = hash_of_key(key.secret);
  return key;
}

bool is_api_key(std::string_view credential) { return credential.starts_with(kMark); }

std::string hash_of_key(std::string_view secret) {
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  ::crypto_generichash(hash.data(), hash.size(), bytes_of(secret), secret.size(), nullptr, 0);
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace berth::identity
