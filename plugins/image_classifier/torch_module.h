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
#include <string>

namespace berth::image_classifier {

enum class Device { cpu, cuda, automatic };  // automatic: CUDA where LibTorch has it and a device is there

struct TorchOptions {
  Device device = Device::cpu;
  bool optimize = true;  // fold and reorder the weights for this machine when loading; results differ in the last bits
  std::array<std::int64_t, 3> image_shape = {3, 224, 224};  // channels, height, width
  std::size_t max_batch = 8;
};

// Made and used by one thread: LibTorch's settings belong to a thread.
class TorchModule {
 public:
  // Loads the file, makes it ready and runs it once. Throws std::runtime_error that says what is wrong: not
  // TorchScript, no CUDA device, does not take (N, channels, height, width) or does not give (N, outputs).
  TorchModule(const std::filesystem::path& path, const TorchOptions& options);
  ~TorchModule();
  TorchModule(const TorchModule&) = delete;
  TorchModule& operator=(const TorchModule&) = delete;

  std::size_t output_count() const;  // numbers per image
  std::string device_name() const;

  // Where image `index` (< max_batch) of the next batch is written: CHW floats.
  std::span<float> input(std::size_t index);

  // Runs the first `count` (1 to max_batch) images written. count * output_count() floats, row after row, valid until
  // the next call. Throws std::runtime_error where the network fails.
  std::span<const float> forward(std::size_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::image_classifier
