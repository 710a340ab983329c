// SPDX-License-Identifier: Apache-2.0
// Reading structs that can grow: a member counts only where the writer's struct was long enough to hold it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "berth/abi.h"

// The member of *`structure`, or a null one where it lies beyond the structure's own size. offsetof needs a macro.
#define BERTH_MEMBER(structure, member)                                                                             \
  ((structure)->size >= offsetof(std::remove_cvref_t<decltype(*(structure))>, member) + sizeof((structure)->member) \
       ? (structure)->member                                                                                        \
       : decltype((structure)->member){})

namespace berth::worker {

// The SDK's names of what a model type implements.
inline std::vector<std::string_view> methods_of(const berth_model_type& type) {
  std::vector<std::string_view> methods;
  const auto add = [&methods](auto* function, std::string_view name) {
    if (function != nullptr) methods.push_back(name);
  };
  add(BERTH_MEMBER(&type, get_metadata), "get_metadata");
  add(BERTH_MEMBER(&type, get_test_args), "get_test_args");
  add(BERTH_MEMBER(&type, get_train_args), "get_train_args");
  add(BERTH_MEMBER(&type, get_response_schema), "get_response_schema");
  add(BERTH_MEMBER(&type, warm), "warm");
  add(BERTH_MEMBER(&type, predict_data), "predict_data");
  add(BERTH_MEMBER(&type, predict_url), "predict_url");
  add(BERTH_MEMBER(&type, predict_batch), "predict_batch");
  add(BERTH_MEMBER(&type, train), "train");
  add(BERTH_MEMBER(&type, get_inputs), "get_inputs");
  add(BERTH_MEMBER(&type, get_outputs), "get_outputs");
  return methods;
}

}  // namespace berth::worker
