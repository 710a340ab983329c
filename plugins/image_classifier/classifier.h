// SPDX-License-Identifier: Apache-2.0
// Classifier: a package of weights and labels that turns image files into probabilities. The plugin and the benchmarks
// share it.
#pragma once

#include <berth/error.h>

#include <opencv2/core/mat.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image_classifier/package_config.h"
#include "image_classifier/torch_module.h"

namespace berth::image_classifier {

struct Image {
  std::string name;        // for messages
  std::string_view bytes;  // the file, or what the network takes: floats, channel by channel
  bool is_preprocessed = false;
};

// What became of one image: a score per label (a probability, unless the package has them told as they are), or why
// there is none.
struct Classification {
  std::vector<float> scores;
  std::optional<Error> error;
};

// Made and used by one thread, as TorchModule is.
class Classifier {
 public:
  // Throws std::runtime_error where the package does not hold together: see read_package_config and TorchModule; or
  // where the network gives another number of values than there are labels.
  explicit Classifier(PackageConfig config);

  const PackageConfig& config() const { return config_; }
  const TorchModule& module() const { return module_; }

  // As many classifications, in the same order. An image that cannot be read gets its own error (422), and the others
  // are none the worse. Runs the network on at most max_batch images at once. Throws std::runtime_error where the
  // network itself fails.
  std::vector<Classification> classify(std::span<const Image> images);

  // Runs the network on every batch size that may come, as far as there is time, so that no caller pays for what is
  // set up at the first use of a size.
  void warm();

 private:
  // An image that goes into the network as it is.
  struct Decoded {
    cv::Mat pixels;
    std::string_view name;
    Classification* result = nullptr;
  };

  void classify_resized(std::span<const Image> images, std::span<Classification> results);
  void classify_as_decoded(std::span<const Image> images, std::span<Classification> results);

  // Writes an image into the module's input. Throws Error where it cannot be read.
  void prepare(const Image& image, std::span<float> input) const;

  // Runs the images that wait in the module's input; `waiting` says whose they are.
  void run(std::vector<Classification*>& waiting);

  // Runs images of one size together. Where the network fails, it does so for this size: their error.
  void run_as_decoded(std::vector<Decoded>& waiting);

  // Keeps what the network gave for image `index` of a run.
  void keep(std::span<const float> outputs, std::size_t index, Classification& result) const;

  PackageConfig config_;
  TorchModule module_;
};

}  // namespace berth::image_classifier
