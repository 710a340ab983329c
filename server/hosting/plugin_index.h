// SPDX-License-Identifier: Apache-2.0
// PluginIndex: the libraries in the plugins' folders, each copied and described once for as long as it stays as it is.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"
#include "hosting/fork_server.h"
#include "hosting/library.h"
#include "hosting/library_copies.h"
#include "hosting/registry.h"

namespace berth::hosting {

struct IndexedPlugin {
  std::filesystem::path file;               // where it was found
  std::shared_ptr<const LibraryCopy> copy;  // null where none could be made
  Result<Library> library;                  // what the copy says of itself
  std::shared_ptr<const Library> before;    // where it cannot be read now: what it said when it last could be, or null
};

// Not from two threads at once.
class PluginIndex {
 public:
  PluginIndex(const RegistryOptions& options, std::filesystem::path copies_dir, ForkServers& fork_servers)
      : options_(options), copies_(std::move(copies_dir)), fork_servers_(fork_servers) {}

  // Looks at the folders again. Several libraries are described at a time, each in a child process; blocks, until it
  // is done or `stop` becomes true. By folder, then by name.
  const std::vector<IndexedPlugin>& scan(const std::atomic<bool>& stop);

  void forget_problems();

 private:
  const RegistryOptions& options_;
  LibraryCopies copies_;
  ForkServers& fork_servers_;
  std::vector<IndexedPlugin> plugins_;
};

}  // namespace berth::hosting
