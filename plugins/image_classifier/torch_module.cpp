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
#include <new>
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

at::Tensor zeros_of(std::int64_t count, const std::array<std::int64_t, 3>& shape, vision::Layout layout) {
  const auto& [channels, height, width] = shape;
  return layout == vision::Layout::channels_first ? at::zeros({count, channels, height, width}, at::kFloat)
                                                  : at::zeros({count, height, width, channels}, at::kFloat);
}

// Of one image: "(3, 224, 224)".
std::string shown_shape(const at::Tensor& image) {
  std::ostringstream shown;
  shown << "(" << image.size(1) << ", " << image.size(2) << ", " << image.size(3) << ")";
  return shown.str();
}

}  // namespace

struct TorchModule::State {
  at::Device device;
  torch::jit::Module module;
  std::int64_t channels = 0;
  vision::Layout layout = vision::Layout::channels_first;
  bool is_ambiguous = false;
  at::Tensor input = {};   // (images, …) in the layout, on the CPU
  at::Tensor output = {};  // what forward gave last; keeps its span alive
  std::size_t output_count = 0;

  at::Tensor run(const at::Tensor& images) {
    const c10::InferenceMode inference;
    const auto result = module.forward({images.to(device)});
    if (!result.isTensor()) throw std::runtime_error("the network gives " + result.tagKind() + ", not one tensor");
    return result.toTensor().to(at::kCPU, at::kFloat).contiguous();
  }

  std::size_t count_outputs(const at::Tensor& image) {
    const auto rows = run(image);
    if (rows.dim() != 2 || rows.size(0) != 1) throw std::runtime_error("it does not give one row of numbers per image");
    return static_cast<std::size_t>(rows.size(1));
  }

  // Runs one image of zeros in each layout and keeps the best. "", or why it takes none.
  std::string choose_layout(const TorchOptions& options) {
    std::string refusals;
    bool taken = false;
    bool fits = false;
    for (const auto candidate : options.layouts) {
      const auto image = zeros_of(1, options.image_shape, candidate);
      try {
        const auto count = count_outputs(image);
        const bool fits_here = options.output_count == 0 || count == options.output_count;
        if (fits) is_ambiguous = is_ambiguous || fits_here;
        if (fits || (taken && !fits_here)) continue;
        layout = candidate;
        output_count = count;
        taken = true;
        fits = fits_here;
      } catch (const std::exception& error) {
        refusals += (refusals.empty() ? "" : "; nor on images of shape ") + shown_shape(image) + ": ";
        refusals += first_line(error.what());
      }
    }
    return taken ? "" : refusals;
  }
};

TorchModule::TorchModule(const std::filesystem::path& path, const TorchOptions& options) {
  settle_threads();
  settle_memory();
  torch::jit::setGraphExecutorOptimize(false);  // else the first calls of each shape take several times as long
  const c10::InferenceMode inference;
  const auto device = chosen_device(options.device);
  state_ = std::make_unique<State>(State{.device = device,
                                         .module = load_module(path, device),
                                         .channels = options.image_shape[0],
                                         .layout = options.layouts.at(0),
                                         .output_count = options.output_count});
  if (options.image_shape[1] == 0) return;
  if (const auto refusals = state_->choose_layout(options); !refusals.empty()) {
    throw std::runtime_error(path.string() + " does not work on images of shape " + refusals);
  }
  resize(options.max_batch, options.image_shape[1], options.image_shape[2]);
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

vision::Layout TorchModule::layout() const { return state_->layout; }

bool TorchModule::is_layout_ambiguous() const { return state_->is_ambiguous; }

void TorchModule::resize(std::size_t count, std::int64_t height, std::int64_t width) {
  const c10::InferenceMode inference;
  state_->input = at::Tensor();  // before the new one is asked for
  state_->input = zeros_of(static_cast<std::int64_t>(count), {state_->channels, height, width}, state_->layout);
}

std::string TorchModule::device_name() const { return state_->device.str(); }

std::span<float> TorchModule::input(std::size_t index) {
  const auto row = state_->input[static_cast<std::int64_t>(index)];
  return {row.data_ptr<float>(), static_cast<std::size_t>(row.numel())};
}

std::span<const float> TorchModule::forward(std::size_t count) {
  const c10::InferenceMode inference;
  try {
    state_->output = state_->run(state_->input.narrow(0, 0, static_cast<std::int64_t>(count)));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw NetworkError(first_line(error.what()));
  }
  const auto wanted = count * state_->output_count;
  if (static_cast<std::size_t>(state_->output.numel()) != wanted) {
    throw NetworkError("the network did not give " + std::to_string(state_->output_count) + " numbers for each image");
  }
  return {state_->output.data_ptr<float>(), wanted};
}

}  // namespace berth::image_classifier
