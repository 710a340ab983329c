// SPDX-License-Identifier: Apache-2.0
// ApiKey: a long random secret that programs present instead of a password. Only its hash is kept.
#pragma once

#include <string>
#include <string_view>

namespace berth::identity {

// "berth_" and 43 characters of base64url: 256 random bits.
struct ApiKey {
  std::string secret;
  std::string prefix;  // its first 12 characters, to tell keys apart; not secret
  std::string hash;    // see hash_of_key
};
ApiKey make_api_key();

// Whether a credential looks like one, rather than like a token.
bool is_api_key(std::string_view credential);

// BLAKE2b-256 in hex. A secret of 256 random bits needs no slow hash, and nobody learns it from how long a look-up of
// its hash takes. [any]
std::string hash_of_key(std::string_view secret);

// In a time that depends on the lengths only. [any]
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace berth::identity
