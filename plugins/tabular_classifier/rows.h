// SPDX-License-Identifier: Apache-2.0
// Rows: what a call asks about, as the numbers that the network takes.
#pragma once

#include <berth/args.h>
#include <berth/error.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tabular_classifier/package_config.h"

namespace berth::tabular {

inline constexpr const char* kRows = "rows";          // the argument with many rows
inline constexpr const char* kFeatures = "features";  // the input tensor

// The rows of one call, prepared; or what the client has to mend.
struct Rows {
  std::vector<double> values;
  std::size_t count = 0;
  bool is_list = false;  // it asked about a list, and gets one
  std::optional<Error> error = {};
};

// From the arguments of the columns, or from `rows`: JSON objects in which unknown members are ignored. An error is a
// 400 that names the feature, and the row where there are several.
Rows rows_of_arguments(const Args& args, const PackageConfig& config);

// From the tensor `features`: FP32, N rows in the order of the schema; NaN where a value is missing.
Rows rows_of_tensor(const Tensor& tensor, const PackageConfig& config);

}  // namespace berth::tabular
