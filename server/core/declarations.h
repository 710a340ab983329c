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
  std::shared_ptr<const hosting::Description> description;  // what the rest was read from
  ArgSpecs test_args;
  ArgSpecs train_args;
  TensorSpecs inputs;  // none: it does not take tensors
  TensorSpecs outputs;
  json::Document metadata;                       // an object, as the model wrote it
  std::unique_ptr<const ResponseSchema> schema;  // null where there is none
  bool takes_files = true;                       // false: its metadata says that it needs no file at all

  // Data: one at a time or in batches. [any]
  bool implements(hosting::Method method) const;
};

// unavailable: names which part of the description cannot be used, and why. [any]
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
