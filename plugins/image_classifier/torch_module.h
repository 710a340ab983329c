// SPDX-License-Identifier: Apache-2.0
// TorchModule: a TorchScript network from a file, ready to be fed batches of images. Keeps LibTorch's headers out of
// every other file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "vision/layout.h"

namespace berth::image_classifier {

enum class Device { cpu, cuda, automatic };  // automatic: CUDA where LibTorch has it and a device is there

struct TorchOptions {
  Device device = Device::cpu;
  bool optimize = true;  // fold and reorder the weights for this machine when loading; results differ in the last bits
  // Channels, height, width. A height of 0: of any size; see TorchModule::resize.
  std::array<std::int64_t, 3> image_shape = {3, 224, 224};
  // Those in which the network may take its images, the preferred one first.
  std::vector<vision::Layout> layouts = {vision::Layout::channels_first};
  std::size_t output_count = 0;  // how many numbers per image are wanted; 0: as many as there are
  std::size_t max_batch = 8;
};

// The network failed, or gave something else than rows of numbers, on images that it was fed.
class NetworkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Made and used by one thread: LibTorch's settings belong to a thread.
class TorchModule {
 public:
  // Loads the file, makes it ready and runs it once. Throws std::runtime_error that says what is wrong: not
  // TorchScript, no CUDA device, does not take (N, channels, height, width), or whatever `layouts` names, or does not
  // give (N, outputs). Of the layouts that it takes the first is chosen in which it gives the wanted outputs. A network
  // for images of any size is not tried: the first layout and the wanted outputs are believed.
  TorchModule(const std::filesystem::path& path, const TorchOptions& options);
  ~TorchModule();
  TorchModule(const TorchModule&) = delete;
  TorchModule& operator=(const TorchModule&) = delete;

  std::size_t output_count() const;  // numbers per image
  vision::Layout layout() const;
  bool is_layout_ambiguous() const;  // it takes, and gives, the same in another of `layouts`
  std::string device_name() const;

  // Makes room for `count` images of another size. What was written is gone.
  void resize(std::size_t count, std::int64_t height, std::int64_t width);

  // Where image `index` (< max_batch, or what resize was told) of the next batch is written: floats in the layout.
  std::span<float> input(std::size_t index);

  // Runs the first `count` (1 to max_batch) images written. count * output_count() floats, row after row, valid until
  // the next call. Throws NetworkError.
  std::span<const float> forward(std::size_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::image_classifier
