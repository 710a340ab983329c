// SPDX-License-Identifier: Apache-2.0
// WrittenPackage: the files that a training left in its scratch folder as the next version of its model.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "hosting/model.h"
#include "packages/staging.h"

namespace berth::hosting {

// Its version is the time, to the minute and in UTC, as 12 digits; the next minute that is free. A plugin wrote the
// files, and what it wrote is taken to be hostile: they are copied, not moved, and never by way of a link.
class WrittenPackage final : public NewPackage {
 public:
  // `folder` lies in `scratch`, which is removed with this object. `source`: of the model that wrote it.
  WrittenPackage(std::filesystem::path scratch, std::filesystem::path folder, std::filesystem::path models_dir,
                 Source source, const WorkerLimits& limits);
  ~WrittenPackage() override;
  WrittenPackage(const WrittenPackage&) = delete;
  WrittenPackage& operator=(const WrittenPackage&) = delete;

  // Besides what the base says: its bytes are limited as the worker's scratch folder was, and it names the plugin that
  // wrote it.
  Result<> prepare(const std::function<bool()>& wanted) override;
  Result<std::string> publish() override;

 private:
  Result<packages::Staging> stage();
  Result<> check(const std::filesystem::path& folder) const;

  const std::filesystem::path scratch_;
  const std::filesystem::path folder_;
  const std::filesystem::path models_dir_;
  const Source source_;
  const WorkerLimits limits_;
  std::optional<packages::Staging> staging_;
  std::string version_;
};

}  // namespace berth::hosting
