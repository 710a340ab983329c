// SPDX-License-Identifier: Apache-2.0
// Declarations: what a model said of itself, read once and kept.
#pragma once

#include <map>
#include <memory>

#include "base/mutex.h"
#include "core/args.h"
#include "core/output_check.h"
#include "core/tensors.h"
#include "hosting/model.h"

namespace berth::core {

struct Declarations {
  std::shared_ptr<const hosting::Description> description;
  std::shared_ptr<const ArgSpecs> test_args;
  std::shared_ptr<const ArgSpecs> train_args;
  std::shared_ptr<const json::Document> metadata;
  std::shared_ptr<const ResponseSchema> schema;  // null where there is none
  std::shared_ptr<const TensorSpecs> inputs;
  std::shared_ptr<const TensorSpecs> outputs;
  bool takes_files = true;
};

// invalid_argument: names which part of the description cannot be used, and why.
Result<Declarations> read_declarations(std::shared_ptr<const hosting::Description> description);

// Remembers them for as long as their description is in use elsewhere.
class DeclarationCache {
 public:
  // unavailable: they cannot be used; that is remembered too. [any]
  Result<std::shared_ptr<const Declarations>> get(const std::shared_ptr<const hosting::Description>& description);

 private:
  struct Known {
    std::shared_ptr<const hosting::Description> description;  // keeps the address from being used again
    Result<std::shared_ptr<const Declarations>> result;
  };
  Mutex mutex_;
  std::map<const hosting::Description*, Known> known_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::core
