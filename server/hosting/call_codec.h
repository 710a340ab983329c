// SPDX-License-Identifier: Apache-2.0
// Between the core's values and the protocol's views: calls on their way out, answers on their way in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hosting/call.h"
#include "worker/protocol.h"

namespace berth::hosting {

// Refers to the call's bytes. A tensor of an unknown datatype is invalid_argument.
Result<worker::CallView> view_of(const Call& call);

// An answer as a worker gave it: labels copied, bodies still in its memory, nothing believed yet.
struct RawAnswer {
  worker::ResultKind kind{};
  std::int32_t status = 0;
  std::string_view body;  // in the worker's memory
  std::string content_type, file_name;
  std::vector<worker::TensorView> tensors;  // their bytes too; the names are in `copies`
  std::string copy;                         // of body, and of each tensor's
  std::vector<Tensor> copies;
};
// False: what it sent is no set of `count` answers to the batch `sequence`, or claims more bytes than there are.
// `compute_ns` is the worker's claim.
bool read_answers(worker::Reader& reader, const worker::Region& response, std::uint64_t sequence, std::size_t count,
                  std::uint64_t& compute_ns, std::vector<RawAnswer>& answers);
std::size_t body_bytes(const std::vector<RawAnswer>& answers);
// Copies the bodies; from then on the worker cannot change them. `response` notes how far it was used.
void copy_bodies(std::vector<RawAnswer>& answers, worker::Region& response);

// Checks what was copied: text is UTF-8, tensors have the bytes their shapes say. What fails is internal.
Result<Output> check_answer(RawAnswer&& answer);

}  // namespace berth::hosting
