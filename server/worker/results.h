// SPDX-License-Identifier: Apache-2.0
// ResultSlot: takes one call's outcome from the plugin, straight into the memory that the server reads.
#pragma once

#include <string>
#include <string_view>

#include "berth/abi.h"
#include "worker/memory.h"
#include "worker/protocol.h"

namespace berth::worker {

inline std::string_view view(berth_text text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline berth_text text_of(std::string_view value) { return {value.data(), value.size()}; }

// One call's berth_result. The first outcome counts; later ones are ignored. Not moved once the plugin knows it.
class ResultSlot {
 public:
  explicit ResultSlot(Region& region);
  ResultSlot(const ResultSlot&) = delete;
  ResultSlot& operator=(const ResultSlot&) = delete;

  const berth_result* abi() const { return &abi_; }
  const ResultView& result() const { return result_; }

  // What an exception that left the plugin becomes; replaces whatever was said before it.
  void fail(std::string_view message);

 private:
  static ResultSlot& self(const berth_result* result) { return *static_cast<ResultSlot*>(result->context); }
  static void on_json(const berth_result* result, berth_text value);
  static void on_text(const berth_result* result, berth_text value);
  static void on_file(const berth_result* result, berth_text content_type, berth_text file_name, const void* data,
                      size_t bytes);
  static void on_tensor(const berth_result* result, const berth_tensor* tensor);
  static void on_error(const berth_result* result, int32_t status, berth_text message);

  void take(ResultKind kind, std::string_view body);
  std::string_view store(std::string_view bytes);

  Region& region_;
  berth_result abi_;
  ResultView result_;
  // Labels are copied too: the plugin's own are gone when the callback returns.
  std::string content_type_, file_name_;
};

}  // namespace berth::worker
