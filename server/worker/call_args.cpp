// SPDX-License-Identifier: Apache-2.0
#include "worker/call_args.h"

#include "worker/results.h"

namespace berth::worker {

CallArgs::CallArgs(const CallView& call) {
  for (const auto& file : call.files) {
    files_.push_back({sizeof(berth_file), text_of(file.field), text_of(file.file_name), text_of(file.content_type),
                      file.bytes.data(), file.bytes.size()});
  }
  for (const auto& file : files_) file_pointers_.push_back(&file);
  for (const auto url : call.urls) urls_.push_back(text_of(url));
  for (const auto& tensor : call.tensors) {
    tensors_.push_back({sizeof(berth_tensor), tensor.datatype, text_of(tensor.name), tensor.shape.data(),
                        tensor.shape.size(), tensor.bytes.data(), tensor.bytes.size()});
  }
  for (const auto& tensor : tensors_) tensor_pointers_.push_back(&tensor);
  abi_ = {sizeof(berth_args), text_of(call.args_json), file_pointers_.data(),   file_pointers_.size(),   urls_.data(),
          urls_.size(),       tensor_pointers_.data(), tensor_pointers_.size(), text_of(call.request_id)};
}

}  // namespace berth::worker
