// SPDX-License-Identifier: Apache-2.0
#include "worker/results.h"

#include <cstdint>
#include <new>

namespace berth::worker {
namespace {

constexpr std::size_t kMaxLabelBytes = 4096;
constexpr std::size_t kMaxMessageBytes = 16UL * 1024;

// What nobody but the caller's operator can mend is the client's to read all the same: the input was too much.
constexpr std::string_view kNoMemory = "the model ran out of memory; max_memory_bytes says how much it may use";
constexpr std::int32_t kServerError = 500;

// The words of the C++ library and of LibTorch.
bool tells_of_no_memory(std::string_view message) {
  return message == std::bad_alloc().what() || message == std::bad_array_new_length().what() ||
         message.find("can't allocate memory") != std::string_view::npos;
}

}  // namespace

ResultSlot::ResultSlot(Region& region) : region_(region) {
  abi_ = {sizeof(berth_result), this, on_json, on_text, on_file, on_tensor, on_error};
}

void ResultSlot::fail(std::string_view message) {
  result_ = {};
  take(ResultKind::error, message);
}

std::string_view ResultSlot::store(std::string_view bytes) {
  const auto offset = region_.put(bytes);
  if (!offset) {
    result_ = {};
    result_.kind = ResultKind::overflow;
    return {};
  }
  return *region_.at(*offset, bytes.size());
}

void ResultSlot::take(ResultKind kind, std::string_view body) {
  if (result_.kind != ResultKind::none) return;
  result_.kind = kind;
  const auto stored = store(body);
  if (result_.kind == kind) result_.body = stored;
}

void ResultSlot::on_json(const berth_result* result, berth_text value) {
  self(result).take(ResultKind::json, view(value));
}

void ResultSlot::on_text(const berth_result* result, berth_text value) {
  self(result).take(ResultKind::text, view(value));
}

void ResultSlot::on_file(const berth_result* result, berth_text content_type, berth_text file_name, const void* data,
                         size_t bytes) {
  auto& slot = self(result);
  if (slot.result_.kind != ResultKind::none) return;
  slot.take(ResultKind::file, {static_cast<const char*>(data), data == nullptr ? 0 : bytes});
  if (slot.result_.kind != ResultKind::file) return;
  slot.content_type_ = view(content_type).substr(0, kMaxLabelBytes);
  slot.file_name_ = view(file_name).substr(0, kMaxLabelBytes);
  slot.result_.content_type = slot.content_type_;
  slot.result_.file_name = slot.file_name_;
}

void ResultSlot::on_tensor(const berth_result* result, const berth_tensor* tensor) {
  auto& slot = self(result);
  if (slot.result_.kind == ResultKind::none) slot.result_.kind = ResultKind::tensors;
  if (slot.result_.kind != ResultKind::tensors) return;
  if (tensor == nullptr || slot.result_.tensors.size() == kMaxResultTensors) {
    return slot.fail("the model answered with no tensor, or with more than " + std::to_string(kMaxResultTensors));
  }
  if (tensor->rank > BERTH_MAX_RANK) {
    return slot.fail("the model answered with a tensor of more than " + std::to_string(BERTH_MAX_RANK) + " sizes");
  }
  TensorView taken;
  taken.datatype = tensor->datatype;
  if (tensor->rank > 0) taken.shape.assign(tensor->shape, tensor->shape + tensor->rank);
  const auto name = slot.store(view(tensor->name).substr(0, kMaxLabelBytes));
  const auto bytes = slot.store({static_cast<const char*>(tensor->data), tensor->data_bytes});
  if (slot.result_.kind != ResultKind::tensors) return;
  taken.name = name;
  taken.bytes = bytes;
  slot.result_.tensors.push_back(std::move(taken));
}

void ResultSlot::on_error(const berth_result* result, int32_t status, berth_text message) {
  auto& slot = self(result);
  if (slot.result_.kind != ResultKind::none) return;
  if (status == 0 && tells_of_no_memory(view(message))) {
    slot.result_.status = kServerError;
    return slot.take(ResultKind::error, kNoMemory);
  }
  slot.result_.status = status;
  slot.take(ResultKind::error, view(message).substr(0, kMaxMessageBytes));
}

}  // namespace berth::worker
