// SPDX-License-Identifier: Apache-2.0
// File: bytes with a label: an upload, or what the host fetched.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "berth/abi.h"
#include "berth/detail/text.h"

namespace berth {
inline namespace sdk_v1 {

// Cheap to copy. A file that came with a call is valid until that call returns; one that owns its bytes, as long as a
// copy of it lives.
class File {
 public:
  // Borrows everything.
  explicit File(const berth_file& raw)
      : field_(detail::to_view(raw.field)),
        name_(detail::to_view(raw.file_name)),
        content_type_(detail::to_view(raw.content_type)),
        bytes_(static_cast<const char*>(raw.data), raw.data_bytes) {}

  // Owns everything.
  File(std::string field, std::string name, std::string content_type, std::string bytes) {
    auto own = std::make_shared<const Storage>(
        Storage{std::move(field), std::move(name), std::move(content_type), std::move(bytes)});
    field_ = own->field;
    name_ = own->name;
    content_type_ = own->content_type;
    bytes_ = own->bytes;
    owner_ = std::move(own);
  }

  std::string_view field() const { return field_; }                // the argument it was sent as
  std::string_view name() const { return name_; }                  // the sender's file name: a label, never a path
  std::string_view content_type() const { return content_type_; }  // the sender's claim
  std::string_view bytes() const { return bytes_; }
  const char* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }

 private:
  struct Storage {
    std::string field, name, content_type, bytes;
  };
  std::shared_ptr<const Storage> owner_;
  std::string_view field_, name_, content_type_, bytes_;
};

}  // namespace sdk_v1
}  // namespace berth
