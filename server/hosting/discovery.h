// SPDX-License-Identifier: Apache-2.0
// Discovery: which models the folders hold, and what is wrong with those that cannot be served.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hosting/model.h"
#include "hosting/package.h"
#include "hosting/plugin_index.h"
#include "hosting/registry.h"

namespace berth::hosting {

// A model that somebody put there.
struct Wanted {
  Source source;
  ServingOptions serving;
  std::string problem;   // why it cannot be served; "" = it can be tried
  std::string identity;  // differs wherever something that it is made of does: code, files, how it is served
  std::string package_identity = {};  // of the package's files when they were checked; "" where it has none
};

// Not from two threads at once.
class Discovery {
 public:
  // Copies of libraries are made below `copies_dir`.
  Discovery(const RegistryOptions& options, std::filesystem::path copies_dir, ForkServers& fork_servers);

  // Reads the folders; what has not changed since the last time is neither described nor checked again. Blocks, until
  // it is done or `stop` becomes true.
  std::vector<Wanted> scan(const std::atomic<bool>& stop);

  // What was wrong is looked at again by the next scan, changed or not.
  void forget_problems();

 private:
  struct KnownPackage {
    std::string identity;
    Result<Package> package;
    ServingOptions serving;
  };
  class Scan;

  const KnownPackage& read(const std::filesystem::path& folder, const std::string& name);

  const RegistryOptions& options_;
  PluginIndex plugins_;
  std::map<std::filesystem::path, KnownPackage> packages_;  // by folder
};

}  // namespace berth::hosting
