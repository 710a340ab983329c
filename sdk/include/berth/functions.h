// SPDX-License-Identifier: Apache-2.0
// FunctionModel: a model made of free functions, for those who need no class; see BERTH_EXPORT_FUNCTIONS.
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "berth/detail/names.h"
#include "berth/detail/overrides.h"
#include "berth/model.h"

namespace berth {
inline namespace sdk_v1 {
namespace detail {

inline constexpr std::string_view kMethodNames[] = {
    "get_metadata", "get_test_args", "get_train_args", "get_response_schema", "warm",       "predict_data",
    "predict_url",  "predict_batch", "train",          "get_inputs",          "get_outputs"};

// Names::text() is "get_metadata, predict_data, …", one for each function.
template <class Names, auto... kFunctions>
class FunctionModel final : public BaseModel {
 public:
  static constexpr int index_of(std::string_view method) {
    for (std::size_t i = 0; i < sizeof...(kFunctions); ++i) {
      if (nth_name(Names::text(), i) == method) return static_cast<int>(i);
    }
    return -1;
  }
  static constexpr bool has(std::string_view method) { return index_of(method) >= 0; }

  Metadata get_metadata() const override {
    static_assert(has("get_metadata"), "BERTH_EXPORT_FUNCTIONS needs a function named get_metadata");
    static_assert(all_are_methods(),
                  "a function given to BERTH_EXPORT_FUNCTIONS is not named as a method of BaseModel");
    return function<index_of("get_metadata")>()();
  }
  ArgSpecs get_test_args() const override {
    if constexpr (has("get_test_args")) return function<index_of("get_test_args")>()();
    return {};
  }
  ArgSpecs get_train_args() const override {
    if constexpr (has("get_train_args")) return function<index_of("get_train_args")>()();
    return {};
  }
  TensorSpecs get_inputs() const override {
    if constexpr (has("get_inputs")) return function<index_of("get_inputs")>()();
    return {};
  }
  TensorSpecs get_outputs() const override {
    if constexpr (has("get_outputs")) return function<index_of("get_outputs")>()();
    return {};
  }
  Json get_response_schema() const override {
    if constexpr (has("get_response_schema")) return function<index_of("get_response_schema")>()();
    return Json::object();
  }
  void warm() override {
    if constexpr (has("warm")) function<index_of("warm")>()();
  }
  Response predict_data(const Args& args) override {
    if constexpr (has("predict_data")) return call(function<index_of("predict_data")>(), args);
    return BaseModel::predict_data(args);
  }
  Response predict_url(const Args& args) override {
    if constexpr (has("predict_url")) return call(function<index_of("predict_url")>(), args);
    return BaseModel::predict_url(args);
  }
  std::vector<Response> predict_batch(const std::vector<Args>& batch) override {
    if constexpr (has("predict_batch")) return call(function<index_of("predict_batch")>(), batch);
    return BaseModel::predict_batch(batch);
  }
  Response train(const Args& args) override {
    if constexpr (has("train")) return call(function<index_of("train")>(), args);
    return BaseModel::train(args);
  }

 private:
  template <int kIndex>
  static constexpr auto function() {
    return std::get<static_cast<std::size_t>(kIndex)>(std::make_tuple(kFunctions...));
  }
  static constexpr bool all_are_methods() {
    for (std::size_t i = 0; i < sizeof...(kFunctions); ++i) {
      bool is_method = false;
      for (const std::string_view method : kMethodNames) is_method = is_method || nth_name(Names::text(), i) == method;
      if (!is_method) return false;
    }
    return true;
  }
  // A function may take the host as well.
  template <class Function, class Input>
  auto call(Function callee, const Input& input) const {
    if constexpr (std::is_invocable_v<Function, const Input&, const Host&>) {
      return callee(input, host());
    } else {
      return callee(input);
    }
  }
};

template <class Names, auto... kFunctions>
struct Methods<FunctionModel<Names, kFunctions...>> {
  using Model = FunctionModel<Names, kFunctions...>;
  static constexpr bool kGetTestArgs = Model::has("get_test_args");
  static constexpr bool kGetTrainArgs = Model::has("get_train_args");
  static constexpr bool kGetInputs = Model::has("get_inputs");
  static constexpr bool kGetOutputs = Model::has("get_outputs");
  static constexpr bool kGetResponseSchema = Model::has("get_response_schema");
  static constexpr bool kWarm = Model::has("warm");
  static constexpr bool kPredictData = Model::has("predict_data");
  static constexpr bool kPredictUrl = Model::has("predict_url");
  static constexpr bool kPredictBatch = Model::has("predict_batch");
  static constexpr bool kTrain = Model::has("train");
};

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
