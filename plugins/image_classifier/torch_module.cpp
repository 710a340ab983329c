// SPDX-License-Identifier: Apache-2.0
#include "image_classifier/torch_module.h"

// First: clang, in C++20, needs IValue complete before the headers that merely declare it.
#include <ATen/core/ivalue.h>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/cuda.h>

#include <malloc.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace berth::image_classifier {
namespace {

// A c10::Error's what() carries a C++ stack; what people need is its first line.
std::string first_line(const char* what) {
  const std::string text = what;
  return text.substr(0, text.find('\n'));
}

at::Device chosen_device(Device wanted) {
  const bool has_cuda = wanted != Device::cpu && torch::cuda::is_available();
  if (wanted == Device::cuda && !has_cuda) throw std::runtime_error("no CUDA device is available: set device to cpu");
  return has_cuda ? at::Device(at::kCUDA) : at::Device(at::kCPU);
}

// A module that is frozen here is written out and read back: fed an input that its code rejects, a module that was
// frozen in place reads freed memory while it builds the error's text (LibTorch 1.13). A frozen one has lost its
// `training` attribute.
torch::jit::Module load_frozen(const std::filesystem::path& path) {
  auto module = torch::jit::load(path.string(), at::kCPU);
  if (!module.hasattr("training")) return module;
  module.eval();
  std::stringstream memory;
  torch::jit::freeze(module).save(memory);
  return torch::jit::load(memory, at::kCPU);
}

torch::jit::Module load_module(const std::filesystem::path& path, const at::Device& device) {
  try {
    auto module = load_frozen(path);
    if (device.is_cuda()) module.to(device);
    return module;
  } catch (const c10::Error& error) {
    throw std::runtime_error(path.string() + " cannot be loaded as TorchScript: " + first_line(error.what()));
  }
}

// OpenMP's own setting wins, it is how the host divides the cores; without one, a worker takes one core.
void settle_threads() {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) at::set_num_threads(1);
}

// Left alone, glibc learns from freed tensors to keep ever larger ones on its heap, which then never shrinks: a third
// more memory on ResNet-18 with batches of mixed sizes. A fixed bound ends that; at 8 MB it costs no time (at 1 MB a
// tenth, since a mapped tensor's pages are faulted in at each call).
void settle_memory() {
#ifdef __GLIBC__
  constexpr int kLargestOnHeap = 8 * 1024 * 1024;
  mallopt(M_MMAP_THRESHOLD, kLargestOnHeap);
  mallopt(M_TRIM_THRESHOLD, kLargestOnHeap);
#endif
}

}  // namespace

struct TorchModule::State {
  at::Device device;
  torch::jit::Module module;
  at::Tensor input;   // (max_batch, channels, height, width), on the CPU
  at::Tensor output;  // what forward gave last; keeps its span alive
  std::size_t output_count = 0;

  at::Tensor run(std::size_t count) {
    const c10::InferenceMode inference;
    const auto batch = input.narrow(0, 0, static_cast<std::int64_t>(count)).to(device);
    const auto result = module.forward({batch});
    if (!result.isTensor()) throw std::runtime_error("the network gives " + result.tagKind() + ", not one tensor");
    return result.toTensor().to(at::kCPU, at::kFloat).contiguous();
  }

  std::size_t count_outputs() {
    const auto rows = run(1);
    if (rows.dim() != 2 || rows.size(0) != 1) throw std::runtime_error("it does not give one row of numbers per image");
    return static_cast<std::size_t>(rows.size(1));
  }
};

TorchModule::TorchModule(const std::filesystem::path& path, const TorchOptions& options) {
  settle_threads();
  settle_memory();
  torch::jit::setGraphExecutorOptimize(false);  // else the first calls of each shape take several times as long
  const c10::InferenceMode inference;
  const auto device = chosen_device(options.device);
  const auto& shape = options.image_shape;
  const auto max_batch = static_cast<std::int64_t>(options.max_batch);
  state_ = std::make_unique<State>(State{
      device, load_module(path, device), at::zeros({max_batch, shape[0], shape[1], shape[2]}, at::kFloat), {}, 0});
  try {
    state_->output_count = state_->count_outputs();
  } catch (const std::exception& error) {
    std::ostringstream shown;
    shown << path.string() << " does not work on images of shape (" << shape[0] << ", " << shape[1] << ", " << shape[2]
          << "): " << first_line(error.what());
    throw std::runtime_error(shown.str());
  }
  if (options.optimize && device.is_cpu()) {
    // Only now: an optimised module must not be fed what it may reject (see load_frozen). And from the file again: one
    // that has run keeps its compiled code, and its weights, as they were.
    state_->module = {};
    auto fresh = load_module(path, device);
    state_->module = torch::jit::optimize_for_inference(fresh);
  }
}

TorchModule::~TorchModule() = default;

std::size_t TorchModule::output_count() const { return state_->output_count; }

std::string TorchModule::device_name() const { return state_->device.str(); }

std::span<float> TorchModule::input(std::size_t index) {
  const auto row = state_->input[static_cast<std::int64_t>(index)];
  return {row.data_ptr<float>(), static_cast<std::size_t>(row.numel())};
}

std::span<const float> TorchModule::forward(std::size_t count) {
  state_->output = state_->run(count);
  const auto wanted = count * state_->output_count;
  if (static_cast<std::size_t>(state_->output.numel()) != wanted) {
    throw std::runtime_error("the network gave another number of rows than it was given images");
  }
  return {state_->output.data_ptr<float>(), wanted};
}

}  // namespace berth::image_classifier
