// SPDX-License-Identifier: Apache-2.0
// The plugin: a network on rows of features behind the SDK's model interface. One package is one model.
#include <berth/berth.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tabular_classifier/learning.h"
#include "tabular_classifier/network.h"
#include "tabular_classifier/package_config.h"
#include "tabular_classifier/package_writer.h"
#include "tabular_classifier/rows.h"
#include "tabular_classifier/training_arguments.h"

namespace berth::tabular {
namespace {

constexpr int kUnavailable = 503;
constexpr double kProbabilityDigits = 1e7;
constexpr const char* kProbability = "probability";

constexpr const char* kResponseSchema = R"({
  "type": "object",
  "properties": {
    "probability": {"type": "number", "minimum": 0, "maximum": 1, "description": "That the label is 1"},
    "label": {"type": "integer", "enum": [0, 1]},
    "predictions": {"type": "array", "description": "Where rows were sent: one per row, in their order", "items": {
      "type": "object", "required": ["probability", "label"],
      "properties": {"probability": {"type": "number", "minimum": 0, "maximum": 1},
                     "label": {"type": "integer", "enum": [0, 1]}}}}
  }})";

class TabularClassifier : public BaseModel {
 public:
  explicit TabularClassifier(const Package& package) : config_(read_package_config(package)), yaml_(package.config()) {
    if (config_.model.empty()) return;
    network_ = std::make_unique<Network>(config_.model, config_.schema.size(), config_.gives_logits);
  }

  Metadata get_metadata() const override { return config_.metadata; }

  // A row by its features, or many rows.
  ArgSpecs get_test_args() const override {
    ArgSpecs specs;
    for (const auto& column : config_.schema) {
      if (column.name == kRows || column.name == "files" || column.name == "urls") continue;
      auto& spec = specs.emplace_back(column.name).nullable();
      if (column.type == ColumnType::boolean) {
        spec.boolean();
      } else {
        spec.number();
      }
    }
    specs.push_back(Arg(kRows).list(ArgType::dict).help("Many rows at once, each an object of features"));
    return specs;
  }
  ArgSpecs get_train_args() const override { return training_arguments(config_); }

  TensorSpecs get_inputs() const override {
    return {{kFeatures, Datatype::fp32, {-1, static_cast<std::int64_t>(config_.schema.size())}}};
  }
  TensorSpecs get_outputs() const override { return {{kProbability, Datatype::fp32, {-1, 1}}}; }

  Json get_response_schema() const override { return Json::parse(kResponseSchema); }

  // The rows of all calls go through the network together.
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    if (network_ == nullptr) throw Error(kUnavailable, "this version of the model is not trained yet");
    std::vector<Rows> calls;
    std::vector<double> values;
    for (const auto& args : batch) {
      const bool by_tensor = !args.tensors().empty();
      calls.push_back(by_tensor ? rows_of_tensor(args.tensors().front(), config_) : rows_of_arguments(args, config_));
      values.insert(values.end(), calls.back().values.begin(), calls.back().values.end());
    }
    const auto probabilities = network_->probabilities(values);
    std::vector<Response> responses;
    std::size_t first = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto its_own = std::span(probabilities).subspan(first, calls[i].count);
      responses.push_back(batch[i].tensors().empty() ? answer(calls[i], its_own) : tensor_answer(calls[i], its_own));
      first += calls[i].count;
    }
    return responses;
  }

  Response train(const Args& args) override {
    const auto folder = host().new_package();
    const auto options = learning_options(args);
    const auto target = args.text("target");
    const auto dataset = read_table(args, host(), config_.schema, target);
    auto learnt = learn(dataset, options, [this](double fraction, const Json& details) {
      host().progress(fraction, details);
      return !host().stop_requested();
    });
    if (learnt.model == nullptr) return Json{{"stopped", true}};
    learnt.measured["model"] = args.text("model");
    learnt.measured["seed"] = args.integer("seed");
    learnt.model->save(folder / "model.pt");
    const auto cases = self_test_of(dataset, config_.schema, learnt.probabilities, config_.threshold);
    write_package(folder, yaml_, config_.schema, learnt.preparation, target, learnt.measured, cases);
    return learnt.measured;
  }

 private:
  Json prediction(double probability) const {
    const auto shown = std::round(probability * kProbabilityDigits) / kProbabilityDigits;
    return {{kProbability, shown}, {"label", shown > config_.threshold ? 1 : 0}};
  }

  Response answer(const Rows& rows, std::span<const double> probabilities) const {
    if (rows.error) return *rows.error;
    if (!rows.is_list) return prediction(probabilities.front());
    auto predictions = Json::array();
    for (const auto probability : probabilities) predictions.push_back(prediction(probability));
    return Json{{"predictions", std::move(predictions)}};
  }

  static Response tensor_answer(const Rows& rows, std::span<const double> probabilities) {
    if (rows.error) return *rows.error;
    const std::vector<float> values(probabilities.begin(), probabilities.end());
    return Response::tensors({Tensor::of(kProbability, {static_cast<std::int64_t>(values.size()), 1}, values)});
  }

  PackageConfig config_;
  Json yaml_;
  std::unique_ptr<Network> network_;  // null: there is none yet
};

}  // namespace
}  // namespace berth::tabular

BERTH_EXPORT_MODEL(berth::tabular::TabularClassifier)
