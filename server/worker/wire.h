// SPDX-License-Identifier: Apache-2.0
// Writer and Reader: plain values to bytes and back. The reader believes nothing: what does not fit makes it fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace berth::worker {

// Both ends are processes of one machine, so numbers keep its byte order.
class Writer {
 public:
  Writer() { buffer_.reserve(kUsualBytes); }

  template <typename T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    buffer_.append(bytes, sizeof(T));
  }
  void text(std::string_view value) {
    number<std::uint64_t>(value.size());
    buffer_.append(value);
  }
  std::string_view view() const { return buffer_; }
  std::size_t size() const { return buffer_.size(); }
  void clear() { buffer_.clear(); }

 private:
  static constexpr std::size_t kUsualBytes = 512;
  std::string buffer_;
};

// After a read that did not fit, ok() is false for good and every further read gives zero or an empty text.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T number() {
    static_assert(std::is_arithmetic_v<T>);
    T value{};
    if (!ok_ || rest_.size() < sizeof(T)) {
      ok_ = false;
      return T{};
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  // A view into the bytes that are being read.
  std::string_view text() {
    const auto size = number<std::uint64_t>();
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  // A number of items of which each takes at least `item_bytes` of what is left: a bound before anything is reserved.
  std::size_t count(std::size_t item_bytes) {
    const auto value = number<std::uint64_t>();
    if (ok_ && value > rest_.size() / item_bytes) ok_ = false;
    return ok_ ? static_cast<std::size_t>(value) : 0;
  }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace berth::worker
