// SPDX-License-Identifier: Apache-2.0
// TwoVersions: a models folder with one model, "birds", of versions 1 and 2; the plugin swapper serves it.
#pragma once

#include <string>

#include "support/temp_folder.h"

namespace berth::test {

class TwoVersions {
 public:
  TwoVersions() {
    for (const auto* version : {"1", "2"}) put(version, version);
  }
  // `weights`: what the version answers with; "" = it cannot be loaded.
  void put(const std::string& version, const std::string& weights) const {
    folder_.write(".new/model.yaml", "plugin: swapper\n");
    folder_.write(".new/weights.txt", weights);
    std::filesystem::create_directories(folder_ / "birds");
    std::filesystem::rename(folder_ / ".new", folder_ / ("birds/" + version));
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

}  // namespace berth::test
