// SPDX-License-Identifier: Apache-2.0
#include "core/declarations.h"

#include <utility>

namespace berth::core {
namespace {

tl::unexpected<Error> unusable(std::string_view what, const std::string& why) {
  return failure(Code::unavailable, "the model's " + std::string(what) + " cannot be used: " + why);
}

// {"berth":{"takes_files":false}}, which the SDK writes.
bool reads_files(const json::Document& metadata) {
  const auto* berth = json::find(metadata, "berth");
  const auto* takes = berth ? json::find(*berth, "takes_files") : nullptr;
  return !takes || !takes->IsBool() || takes->GetBool();
}

}  // namespace

bool Declarations::implements(hosting::Method method) const {
  switch (method) {
    case hosting::Method::predict_data: return description->has_predict_data || description->has_predict_batch;
    case hosting::Method::predict_url: return description->has_predict_url;
    case hosting::Method::train: return description->has_train;
  }
  return false;
}

Result<Declarations> read_declarations(std::shared_ptr<const hosting::Description> description) {
  Declarations result;
  auto metadata = json::parse(description->metadata_json);
  if (!metadata) return unusable("metadata", metadata.error().message);
  if (!metadata->IsObject()) return unusable("metadata", "it is no object");
  auto test_args = parse_arg_specs(description->test_args_json);
  if (!test_args) return unusable("prediction arguments", test_args.error().message);
  auto train_args = parse_arg_specs(description->train_args_json);
  if (!train_args) return unusable("training arguments", train_args.error().message);
  if (!description->response_schema_json.empty()) {
    auto schema = json::parse(description->response_schema_json);
    if (!schema) return unusable("response schema", schema.error().message);
    if (!schema->IsObject()) return unusable("response schema", "it is no object");
    result.schema = std::make_unique<const ResponseSchema>(std::move(*schema));
  }
  auto inputs = parse_tensor_specs(description->inputs_json);
  if (!inputs) return unusable("inputs", inputs.error().message);
  auto outputs = parse_tensor_specs(description->outputs_json);
  if (!outputs) return unusable("outputs", outputs.error().message);
  result.description = std::move(description);
  result.test_args = std::move(*test_args);
  result.train_args = std::move(*train_args);
  result.inputs = std::move(*inputs);
  result.outputs = std::move(*outputs);
  result.takes_files = reads_files(*metadata);
  result.metadata = std::move(*metadata);
  return result;
}

Result<std::shared_ptr<const Declarations>> DeclarationCache::get(
    const std::shared_ptr<const hosting::Description>& description) {
  {
    const Lock lock(mutex_);
    if (const auto found = known_.find(description.get()); found != known_.end()) return found->second.result;
  }
  // Outside the lock, for it takes its time: two who ask at once both read, and the first to be done is remembered.
  auto read = read_declarations(description);
  auto result =
      read ? Result<std::shared_ptr<const Declarations>>(std::make_shared<const Declarations>(std::move(*read)))
           : tl::unexpected<Error>(read.error());
  const Lock lock(mutex_);
  if (const auto found = known_.find(description.get()); found != known_.end()) return found->second.result;
  // A description's other owner is its model (two of ours hold it: Known and Declarations).
  std::erase_if(known_, [](const auto& item) {
    const auto ours = item.second.result ? 2 : 1;
    const bool viewed = item.second.result && item.second.result->use_count() > 1;
    return !viewed && item.second.description.use_count() <= ours;
  });
  known_.emplace(description.get(), Known{description, result});
  return result;
}

}  // namespace berth::core
