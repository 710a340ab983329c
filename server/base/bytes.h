// SPDX-License-Identifier: Apache-2.0
// Bytes: an immutable run of bytes that keeps its storage alive; slices of one upload share one allocation.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace berth {

// Cheap to copy, safe to hand to another thread. [any]
class Bytes {
 public:
  Bytes() = default;

  // Takes the string over; no copy.
  explicit Bytes(std::string text) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    view_ = *owner;
    owner_ = std::move(owner);
  }

  // `view` must stay valid and unchanged for as long as `owner` lives.
  Bytes(std::shared_ptr<const void> owner, std::string_view view) : owner_(std::move(owner)), view_(view) {}

  std::string_view view() const { return view_; }
  const char* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

  // The same storage, narrowed. `part` must lie inside view().
  Bytes slice(std::string_view part) const { return Bytes(owner_, part); }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

}  // namespace berth
