// SPDX-License-Identifier: Apache-2.0
// PredictInput: which of a model's two predict methods a V2 request means, and the files or URLs that go into it.
#pragma once

#include <string>
#include <vector>

#include "core/service.h"
#include "dialects/request_fields.h"

namespace berth::dialects {

// The fields `data` and `urls` of a V2 prediction, as specs: what the API adds to what a model declares. A model that
// declares a file argument of its own, or takes no file at all, has neither.
core::ArgSpecs input_specs(const core::ModelView& view);

bool declares_files(const core::ArgSpecs& specs);

struct PredictInput {
  hosting::Method method = hosting::Method::predict_data;
  std::vector<hosting::File> files;
  std::vector<std::string> urls;
};

// invalid_argument names what is wrong with `data` and `urls`, in Error::fields_json.
Result<PredictInput> choose_input(const core::ModelView& view, const http::Request& request,
                                  const RequestFields& fields);

}  // namespace berth::dialects
