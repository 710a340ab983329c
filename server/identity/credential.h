// SPDX-License-Identifier: Apache-2.0
// Credential: what a request shows to say who it is, wherever it stands.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace berth::identity {

// The key or token in `Authorization: Bearer X`, `Authorization: Token X`, `Authorization: X` or `X-API-Key: X`;
// nullopt where the request shows none. invalid_argument: both headers, with different ones; or another scheme
// ("Basic"). The view is into what was given. [any]
Result<std::optional<std::string_view>> read_credential(std::optional<std::string_view> authorization,
                                                        std::optional<std::string_view> x_api_key);

}  // namespace berth::identity
