// SPDX-License-Identifier: Apache-2.0
#include "identity/credential.h"

#include "base/text.h"
#include "identity/api_key.h"

namespace berth::identity {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

Result<std::optional<std::string_view>> read_credential(std::optional<std::string_view> authorization,
                                                        std::optional<std::string_view> x_api_key) {
  std::optional<std::string_view> shown;
  if (authorization) {
    const auto text = trimmed(*authorization);
    const auto space = text.find(' ');
    const auto scheme = to_lower(text.substr(0, space));
    if (space == text.npos) {
      shown = text;
    } else if (scheme == "bearer" || scheme == "token") {
      shown = trimmed(text.substr(space));
    } else {
      return failure(Code::invalid_argument, "Authorization: expected Bearer or Token, and a key or token");
    }
  }
  if (x_api_key) {
    const auto key = trimmed(*x_api_key);
    if (shown && !equal_secrets(*shown, key)) {
      return failure(Code::invalid_argument, "Authorization and X-API-Key name different callers");
    }
    shown = key;
  }
  if (shown && shown->empty()) return failure(Code::invalid_argument, "the key or token is empty");
  return shown;
}

}  // namespace berth::identity
