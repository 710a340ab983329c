// SPDX-License-Identifier: Apache-2.0
// Plugin: a researcher's shared library, opened in this process.
#pragma once

#include <boost/dll/shared_library.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "berth/abi.h"

namespace berth::worker {

class Plugin {
 public:
  // Opens it with its symbols to itself and all of them resolved now. unavailable: it cannot be opened, or is no
  // plugin of this ABI.
  static Result<Plugin> open(const std::filesystem::path& path);

  const berth_plugin& entry() const { return *entry_; }

  // The model type of that name; "" = the only one. not_found names those there are.
  Result<const berth_model_type*> type(std::string_view name) const;

 private:
  Plugin(boost::dll::shared_library library, const berth_plugin* entry) : library_(std::move(library)), entry_(entry) {}

  boost::dll::shared_library library_;
  const berth_plugin* entry_;
};

// What it says of itself, as one JSON object: `berth-worker --describe`.
std::string describe(const Plugin& plugin);

}  // namespace berth::worker
