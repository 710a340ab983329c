// SPDX-License-Identifier: Apache-2.0
// probe(): tries, inside the walls, what they should keep and what they should let through.
#pragma once

#include <string>

namespace berth::worker {

// A line for each: "ok the network" is kept from it, "open the network" is not. The last is "works", or "broken" where
// what every worker needs is kept from it, too. What it tries does no harm where it succeeds.
std::string probe();

}  // namespace berth::worker
