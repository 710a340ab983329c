// SPDX-License-Identifier: Apache-2.0
// SelfTest: the cases in a package's model.yaml that a model must pass before calls go to it (docs/models.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "core/declarations.h"
#include "hosting/model.h"

namespace berth::core {

// One case: what goes in, and what must come out.
struct SelfTestCase {
  std::string name;  // "self_test[2]", or as the package calls it
  hosting::Call call;
  std::string label;                               // not empty: the first "label" in the answer
  std::shared_ptr<const json::Document> expected;  // null, or what the answer must hold
};

// Reads the cases, their files too, and checks their arguments. invalid_argument names the case and key.
Result<std::vector<SelfTestCase>> read_self_test(const hosting::Source& source, const Declarations& declarations);

// Where `actual` lacks something of `expected`: objects may have more members, numbers may differ by a thousandth;
// "" where it does not. For people.
std::string first_difference(const json::Value& expected, const json::Value& actual, const std::string& path = "");

// Puts the model's cases to it, one after another. `done` is told once, on any thread: which failed, and how. The calls
// wait and work on other threads. [any]
void run_self_test(const hosting::ModelPtr& model, std::function<void(Result<>)> done);

}  // namespace berth::core
