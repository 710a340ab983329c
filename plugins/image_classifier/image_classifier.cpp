// SPDX-License-Identifier: Apache-2.0
// The plugin: a Classifier behind the SDK's model interface. One package is one model.
#include <berth/berth.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "image_classifier/classifier.h"
#include "vision/ranking.h"

namespace berth::image_classifier {
namespace {

constexpr int kUnprocessable = 422;
constexpr int kDefaultTopK = 5;
constexpr double kProbabilityDigits = 1e6;

constexpr const char* kResponseSchema = R"({
  "type": "object", "required": ["status", "predictions"],
  "properties": {
    "status": {"type": "string", "enum": ["OK"]},
    "predictions": {"type": "array", "description": "One per image, in the order they were sent", "items": {
      "type": "object", "required": ["file", "labels"],
      "properties": {
        "file": {"type": "string", "description": "The file's name or the URL"},
        "labels": {"type": "array", "description": "The most probable first", "items": {
          "type": "object", "required": ["label", "probability"],
          "properties": {"label": {"type": "string"}, "probability": {"type": "number", "minimum": 0, "maximum": 1}}}}
      }}}
  }})";

// Rounded: what lies behind changes with the size of the batch that a call happened to share.
double shown(float probability) { return std::round(double{probability} * kProbabilityDigits) / kProbabilityDigits; }

class ImageClassifier : public BaseModel {
 public:
  explicit ImageClassifier(const Package& package) : classifier_(read_package_config(package)) {}

  Metadata get_metadata() const override { return classifier_.config().metadata; }

  ArgSpecs get_test_args() const override {
    return {
        Arg("top_k").integer().help("How many labels to tell per image, at most").default_value(kDefaultTopK).min(1),
        Arg("threshold").number().help("Leave out labels less probable than this").default_value(0.0).range(0, 1)};
  }

  Json get_response_schema() const override { return Json::parse(kResponseSchema); }

  void warm() override { classifier_.warm(); }

  // The images of all calls go through the network together.
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    std::vector<Image> images;
    for (const auto& args : batch) {
      for (const auto& file : args.files()) images.push_back({file.name(), file.bytes()});
    }
    const auto results = classifier_.classify(images);
    std::vector<Response> responses;
    responses.reserve(batch.size());
    std::size_t first = 0;
    for (const auto& args : batch) {
      const auto count = args.files().size();
      responses.push_back(
          answer(args, std::span(images).subspan(first, count), std::span(results).subspan(first, count)));
      first += count;
    }
    return responses;
  }

  // One after another: no more than one fetched file is held at a time.
  Response predict_url(const Args& args) override {
    std::vector<Image> images;
    std::vector<Classification> results;
    for (const auto& url : args.urls()) {
      const auto file = host().fetch(url);
      const Image image{url, file.bytes()};
      images.push_back({url, {}});
      results.push_back(std::move(classifier_.classify(std::span(&image, 1)).front()));
    }
    return answer(args, images, results);
  }

 private:
  // An image that cannot be read fails its call, which names it, and no other.
  Response answer(const Args& args, std::span<const Image> images, std::span<const Classification> results) const {
    if (images.empty()) return Error(kUnprocessable, "no image was sent");
    auto predictions = Json::array();
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (results[i].error) return *results[i].error;
      predictions.push_back({{"file", images[i].name}, {"labels", labels_of(results[i], args)}});
    }
    return Json{{"status", "OK"}, {"predictions", std::move(predictions)}};
  }

  Json labels_of(const Classification& result, const Args& args) const {
    const auto count = static_cast<std::size_t>(args.integer("top_k", kDefaultTopK));
    const auto threshold = static_cast<float>(args.number("threshold", 0));
    auto labels = Json::array();
    for (const auto& [index, probability] : vision::top_k(result.probabilities, count, threshold)) {
      labels.push_back({{"label", classifier_.config().labels[index]}, {"probability", shown(probability)}});
    }
    return labels;
  }

  Classifier classifier_;
};

}  // namespace
}  // namespace berth::image_classifier

BERTH_EXPORT_MODEL(berth::image_classifier::ImageClassifier)
