// SPDX-License-Identifier: Apache-2.0
// CallArgs: one call in the form that the plugin reads; its bytes stay where they are.
#pragma once

#include <vector>

#include "berth/abi.h"
#include "worker/protocol.h"

namespace berth::worker {

// Refers to the CallView it was made from and to itself: neither moves while the plugin uses it.
class CallArgs {
 public:
  explicit CallArgs(const CallView& call);
  CallArgs(const CallArgs&) = delete;
  CallArgs& operator=(const CallArgs&) = delete;

  const berth_args* abi() const { return &abi_; }

 private:
  std::vector<berth_file> files_;
  std::vector<const berth_file*> file_pointers_;
  std::vector<berth_text> urls_;
  std::vector<berth_tensor> tensors_;
  std::vector<const berth_tensor*> tensor_pointers_;
  berth_args abi_;
};

}  // namespace berth::worker
