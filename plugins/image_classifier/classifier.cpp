// SPDX-License-Identifier: Apache-2.0
#include "image_classifier/classifier.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <opencv2/core/utility.hpp>
#include <stdexcept>
#include <utility>

#include "vision/image_header.h"
#include "vision/ranking.h"

namespace berth::image_classifier {
namespace {

constexpr std::chrono::seconds kWarmUpTime{2};
constexpr int kUnprocessable = 422;
constexpr std::size_t kMaxPixelsTogether = 16'000'000;  // of images that go into the network as they are

bool is_finite(float value) { return std::isfinite(value); }

}  // namespace

Classifier::Classifier(PackageConfig config) : config_(std::move(config)), module_(config_.model, config_.torch) {
  cv::setNumThreads(0);  // workers run beside each other: one thread each
  config_.input.layout = module_.layout();
  if (module_.output_count() != config_.labels.size()) {
    throw std::runtime_error("the network in " + config_.model.string() + " gives " +
                             std::to_string(module_.output_count()) + " values, but there are " +
                             std::to_string(config_.labels.size()) + " labels");
  }
}

std::vector<Classification> Classifier::classify(std::span<const Image> images) {
  std::vector<Classification> results(images.size());
  config_.takes_any_size ? classify_as_decoded(images, results) : classify_resized(images, results);
  return results;
}

void Classifier::classify_resized(std::span<const Image> images, std::span<Classification> results) {
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
}

// Images of one size that follow each other go through the network together.
void Classifier::classify_as_decoded(std::span<const Image> images, std::span<Classification> results) {
  std::vector<Decoded> waiting;
  for (std::size_t i = 0; i < images.size(); ++i) {
    try {
      Decoded next{vision::decoded(images[i].bytes, images[i].name, config_.input), images[i].name, &results[i]};
      const bool joins = !waiting.empty() && waiting.front().pixels.size() == next.pixels.size() &&
                         waiting.size() < config_.torch.max_batch &&
                         (waiting.size() + 1) * next.pixels.total() <= kMaxPixelsTogether;
      if (!joins) run_as_decoded(waiting);
      waiting.push_back(std::move(next));
    } catch (const Error& error) {
      results[i].error = error;
    }
  }
  run_as_decoded(waiting);
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
  for (std::size_t i = 0; i < waiting.size(); ++i) keep(outputs, i, *waiting[i]);
  waiting.clear();
}

void Classifier::run_as_decoded(std::vector<Decoded>& waiting) {
  if (waiting.empty()) return;
  auto how = config_.input;
  how.width = waiting.front().pixels.cols;
  how.height = waiting.front().pixels.rows;
  try {
    module_.resize(waiting.size(), how.height, how.width);
    for (std::size_t i = 0; i < waiting.size(); ++i) vision::normalise(waiting[i].pixels, how, module_.input(i));
    const auto outputs = module_.forward(waiting.size());
    for (std::size_t i = 0; i < waiting.size(); ++i) keep(outputs, i, *waiting[i].result);
  } catch (const NetworkError&) {
    for (const auto& image : waiting) {
      image.result->error.emplace(kUnprocessable, vision::shown_name(image.name) + ": the network takes no image of " +
                                                      std::to_string(how.width) + "x" + std::to_string(how.height) +
                                                      " pixels");
    }
  }
  waiting.clear();
}

void Classifier::keep(std::span<const float> outputs, std::size_t index, Classification& result) const {
  const auto row = outputs.subspan(index * module_.output_count(), module_.output_count());
  result.scores.assign(row.begin(), row.end());
  if (config_.scores == Scores::of_logits) vision::softmax(result.scores);
  if (!std::ranges::all_of(result.scores, is_finite)) {
    throw std::runtime_error("the network gave a value that is not finite");
  }
}

void Classifier::warm() {
  if (config_.takes_any_size) return;
  const auto end = std::chrono::steady_clock::now() + kWarmUpTime;
  for (std::size_t size = 1; size <= config_.torch.max_batch && std::chrono::steady_clock::now() < end; ++size) {
    module_.forward(size);
  }
}

}  // namespace berth::image_classifier
