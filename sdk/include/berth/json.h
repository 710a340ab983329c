// SPDX-License-Identifier: Apache-2.0
// Json: the JSON value that plugins read and write. Objects keep the order in which members were added.
#pragma once

#include <nlohmann/json.hpp>

namespace berth {
inline namespace sdk_v1 {

using Json = nlohmann::ordered_json;

}  // namespace sdk_v1
}  // namespace berth
