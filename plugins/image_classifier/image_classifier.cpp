// SPDX-License-Identifier: Apache-2.0
// The plugin: a Classifier behind the SDK's model interface. One package is one model.
#include <berth/berth.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image_classifier/classifier.h"
#include "vision/ranking.h"

namespace berth::image_classifier {
namespace {

constexpr int kBadRequest = 400;
constexpr int kUnprocessable = 422;
constexpr const char* kImage = "image";
constexpr const char* kPixels = "pixels";
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
          "properties": {"label": {"type": "string"}}}}
      }}}
  }})";
constexpr const char* kProbabilityPointer =
    "/properties/predictions/items/properties/labels/items/properties/probability";

// Rounded: what lies behind changes with the size of the batch that a call happened to share.
double shown(float probability) { return std::round(double{probability} * kProbabilityDigits) / kProbabilityDigits; }

class ImageClassifier : public BaseModel {
 public:
  ImageClassifier(const Package& package, const Host& host) : classifier_(read_package_config(package)) {
    if (!classifier_.module().is_layout_ambiguous()) return;
    host.warning(
        "the network takes images as (height, width, channels) and as (channels, height, width); it gets the former: "
        "say layout in model.yaml");
  }

  Metadata get_metadata() const override { return classifier_.config().metadata; }

  ArgSpecs get_test_args() const override {
    auto threshold = Arg("threshold").number();
    if (tells_probabilities()) {
      threshold.help("Leave out labels less probable than this").default_value(0.0).range(0, 1);
    } else {
      threshold.help("Leave out labels whose score is lower");
    }
    return {
        Arg("top_k").integer().help("How many labels to tell per image, at most").default_value(kDefaultTopK).min(1),
        threshold};
  }

  // One of the two: encoded images, or what the network takes.
  TensorSpecs get_inputs() const override {
    if (classifier_.config().takes_any_size) return {{kImage, Datatype::bytes, {-1}}};
    const auto& [channels, height, width] = classifier_.config().torch.image_shape;
    const bool channels_first = classifier_.module().layout() == vision::Layout::channels_first;
    const std::vector<std::int64_t> shape = channels_first ? std::vector{std::int64_t{-1}, channels, height, width}
                                                           : std::vector{std::int64_t{-1}, height, width, channels};
    return {{kImage, Datatype::bytes, {-1}, true}, {kPixels, Datatype::fp32, shape, true}};
  }
  TensorSpecs get_outputs() const override {
    const auto labels = static_cast<std::int64_t>(classifier_.config().labels.size());
    return {{"probabilities", Datatype::fp32, {-1, labels}}, {"labels", Datatype::bytes, {-1}}};
  }

  Json get_response_schema() const override {
    auto probability = Json{{"type", "number"}};
    if (tells_probabilities()) {
      probability.update({{"minimum", 0}, {"maximum", 1}});
    } else {
      probability["description"] = "The score as the network gives it";
    }
    auto schema = Json::parse(kResponseSchema);
    schema[Json::json_pointer(kProbabilityPointer)] = std::move(probability);
    return schema;
  }

  void warm() override { classifier_.warm(); }

  // The images of all calls go through the network together.
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    std::vector<Image> images;
    std::vector<std::size_t> counts;
    for (const auto& args : batch) {
      const auto before = images.size();
      add_images(args, images);
      counts.push_back(images.size() - before);
    }
    const auto results = classifier_.classify(images);
    std::vector<Response> responses;
    responses.reserve(batch.size());
    std::size_t first = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto its_images = std::span(images).subspan(first, counts[i]);
      const auto its_results = std::span(results).subspan(first, counts[i]);
      responses.push_back(batch[i].tensors().empty() ? answer(batch[i], its_images, its_results)
                                                     : tensor_answer(batch[i], its_results));
      first += counts[i];
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
  bool tells_probabilities() const { return classifier_.config().scores != Scores::as_given; }

  static void add_images(const Args& args, std::vector<Image>& images) {
    for (const auto& file : args.files()) images.push_back({std::string(file.name()), file.bytes()});
    if (args.tensors().size() != 1) return;  // tensor_answer says so
    const auto& tensor = args.tensors().front();
    const auto name = [&](std::size_t i) { return std::string(tensor.name()) + "[" + std::to_string(i) + "]"; };
    if (tensor.datatype() == Datatype::bytes) {
      const auto elements = tensor.elements();
      for (std::size_t i = 0; i < elements.size(); ++i) images.push_back({name(i), elements[i]});
      return;
    }
    const auto count = static_cast<std::size_t>(tensor.shape().front());
    const auto each = count == 0 ? 0 : tensor.bytes().size() / count;
    for (std::size_t i = 0; i < count; ++i) images.push_back({name(i), tensor.bytes().substr(i * each, each), true});
  }

  Response tensor_answer(const Args& args, std::span<const Classification> results) const {
    if (args.tensors().size() != 1) return Error(kBadRequest, "send either 'image' or 'pixels', not both");
    std::vector<float> probabilities;
    std::vector<std::string> labels;
    for (const auto& result : results) {
      if (result.error) return *result.error;
      probabilities.insert(probabilities.end(), result.scores.begin(), result.scores.end());
      const auto best = std::ranges::max_element(result.scores) - result.scores.begin();
      labels.push_back(classifier_.config().labels[static_cast<std::size_t>(best)]);
    }
    const auto count = static_cast<std::int64_t>(results.size());
    const auto classes = static_cast<std::int64_t>(classifier_.config().labels.size());
    return Response::tensors(
        {Tensor::of("probabilities", {count, classes}, probabilities), Tensor::of_texts("labels", {count}, labels)});
  }

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
    const auto least = tells_probabilities() ? 0 : -std::numeric_limits<double>::infinity();
    const auto threshold = static_cast<float>(args.number("threshold", least));
    auto labels = Json::array();
    for (const auto& [index, score] : vision::top_k(result.scores, count, threshold)) {
      const double told = tells_probabilities() ? shown(score) : score;
      labels.push_back({{"label", classifier_.config().labels[index]}, {"probability", told}});
    }
    return labels;
  }

  Classifier classifier_;
};

}  // namespace
}  // namespace berth::image_classifier

BERTH_EXPORT_MODEL(berth::image_classifier::ImageClassifier)
