// SPDX-License-Identifier: Apache-2.0
// Workshop: a registry in a folder of its own that holds one plugin, as the server would, for as long as it lives.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/loop.h"
#include "base/result.h"
#include "base/scratch_folder.h"
#include "hosting/registry.h"
#include "sdk/testing/conformance.h"
#include "sdk/testing/sample_files.h"

namespace berth::conformance {

class Workshop {
 public:
  // Loads everything; blocks. `samples` are what the models fetch.
  static Result<std::unique_ptr<Workshop>> create(const std::filesystem::path& library, const Options& options,
                                                  const Samples& samples);
  ~Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  hosting::Registry& registry() { return *registry_; }

 private:
  Workshop() = default;
  Result<> lay_out(const std::filesystem::path& library, const std::filesystem::path& package);

  std::unique_ptr<ScratchFolder> folder_;
  std::unique_ptr<Loop> loop_;
  std::jthread thread_;
  std::unique_ptr<hosting::Registry> registry_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

// Sends one call and waits for its outcome.
hosting::Outcome ask(const hosting::ModelPtr& model, hosting::Call call);

}  // namespace berth::conformance
