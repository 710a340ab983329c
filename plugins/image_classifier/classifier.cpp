// SPDX-License-Identifier: Apache-2.0
#include "image_classifier/classifier.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <opencv2/core/utility.hpp>
#include <stdexcept>
#include <utility>

#include "vision/ranking.h"

namespace berth::image_classifier {
namespace {

constexpr std::chrono::seconds kWarmUpTime{2};
constexpr int kUnprocessable = 422;

bool is_finite(float value) { return std::isfinite(value); }

}  // namespace

Classifier::Classifier(PackageConfig config) : config_(std::move(config)), module_(config_.model, config_.torch) {
  cv::setNumThreads(0);  // workers run beside each other: one thread each
  if (module_.output_count() != config_.labels.size()) {
    throw std::runtime_error("the network in " + config_.model.string() + " gives " +
                             std::to_string(module_.output_count()) + " values, but there are " +
                             std::to_string(config_.labels.size()) + " labels");
  }
}

std::vector<Classification> Classifier::classify(std::span<const Image> images) {
  std::vector<Classification> results(images.size());
  std::vector<Classification*> waiting;
  for (std::size_t i = 0; i < images.size(); ++i) {
    try {
      prepare(images[i], module_.input(waiting.size()));
      waiting.push_back(&results[i]);
    } catch (const Error& error) {
      results[i].error = error;
    }
    if (waiting.size() == config_.torch.max_batch) run(waiting);
  }
  run(waiting);
  return results;
}

void Classifier::prepare(const Image& image, std::span<float> input) const {
  if (!image.is_preprocessed) return vision::preprocess(image.bytes, image.name, config_.input, input);
  if (image.bytes.size() != input.size_bytes()) throw Error(kUnprocessable, image.name + " has the wrong size");
  std::memcpy(input.data(), image.bytes.data(), image.bytes.size());
  if (!std::ranges::all_of(input, is_finite)) {
    throw Error(kUnprocessable, image.name + " holds a number that is not finite");
  }
}

void Classifier::run(std::vector<Classification*>& waiting) {
  if (waiting.empty()) return;
  const auto outputs = module_.forward(waiting.size());
  const auto count = module_.output_count();
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const auto row = outputs.subspan(i * count, count);
    auto& probabilities = waiting[i]->probabilities;
    probabilities.assign(row.begin(), row.end());
    if (config_.gives_logits) vision::softmax(probabilities);
    if (!std::ranges::all_of(probabilities, is_finite)) {
      throw std::runtime_error("the network gave a value that is not finite");
    }
  }
  waiting.clear();
}

void Classifier::warm() {
  const auto end = std::chrono::steady_clock::now() + kWarmUpTime;
  for (std::size_t size = 1; size <= config_.torch.max_batch && std::chrono::steady_clock::now() < end; ++size) {
    module_.forward(size);
  }
}

}  // namespace berth::image_classifier
