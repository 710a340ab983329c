// SPDX-License-Identifier: Apache-2.0
// Library: what a plugin's file holds, found out without trusting it: its ELF is read first, then a child process opens
// it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "hosting/model.h"

namespace berth::hosting {

class ForkServer;

struct ModelType {
  std::string name;
  bool needs_package = false;
  std::vector<std::string> methods;  // the SDK's names of what it implements: "predict_data", "train", …
};

struct Library {
  std::filesystem::path path;
  std::string name;
  std::string version;
  std::string sdk_version;
  std::string build_info;
  std::uint32_t abi_version = 0;
  std::vector<ModelType> models;
};

// elf::preflight, then opens the library in a child process (`worker_program --describe`) and takes what its entry
// says. unavailable: it cannot be opened, or crashes, or `stop` becomes true; timeout: it does not answer in time. The
// message names the reason. The child is confined as a worker with these options would be, without a place to write.
// `fork_server`: that workers of it are forked from; null: none.
Result<Library> describe(const std::filesystem::path& path, const std::filesystem::path& worker_program,
                         std::chrono::seconds timeout, const std::atomic<bool>* stop = nullptr,
                         const ServingOptions& serving = {}, std::shared_ptr<ForkServer> fork_server = nullptr);

}  // namespace berth::hosting
