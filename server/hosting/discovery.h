// SPDX-License-Identifier: Apache-2.0
// Discovery: which models the folders hold, and what is wrong with those that cannot be served.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "hosting/library.h"
#include "hosting/model.h"
#include "hosting/registry.h"

namespace berth::hosting {

// A model that somebody put there.
struct Wanted {
  Source source;
  ServingOptions serving;
  std::string problem;  // why it cannot be served; "" = it can be tried
};

// Reads the folders and describes each library in a child process, several at a time. Blocks, until it is done or
// `stop` becomes true.
std::vector<Wanted> discover(const RegistryOptions& options, const std::atomic<bool>& stop);

}  // namespace berth::hosting
