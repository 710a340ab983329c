// SPDX-License-Identifier: Apache-2.0
// Tensor: an array with a datatype and a shape, as the Open Inference Protocol knows it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "berth/abi.h"
#include "berth/detail/half.h"
#include "berth/detail/text.h"

namespace berth {
inline namespace sdk_v1 {

enum class Datatype : std::uint32_t {
  boolean = BERTH_BOOL,
  uint8 = BERTH_UINT8,
  uint16 = BERTH_UINT16,
  uint32 = BERTH_UINT32,
  uint64 = BERTH_UINT64,
  int8 = BERTH_INT8,
  int16 = BERTH_INT16,
  int32 = BERTH_INT32,
  int64 = BERTH_INT64,
  fp16 = BERTH_FP16,
  fp32 = BERTH_FP32,
  fp64 = BERTH_FP64,
  bytes = BERTH_BYTES,
};

namespace detail {
template <class T>
constexpr Datatype datatype_of() {
  static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8, "a tensor holds numbers or booleans");
  if constexpr (std::is_same_v<T, bool>) return Datatype::boolean;
  if constexpr (std::is_floating_point_v<T>) return sizeof(T) == 4 ? Datatype::fp32 : Datatype::fp64;
  constexpr std::uint32_t kStep = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return static_cast<Datatype>((std::is_signed_v<T> ? BERTH_INT8 : BERTH_UINT8) + kStep);
}
}  // namespace detail

// Cheap to copy. One that came with a call is valid until that call returns; one made by `of` or `of_texts`, as long as
// a copy of it lives.
class Tensor {
 public:
  // Borrows name and data.
  explicit Tensor(const berth_tensor& raw)
      : name_(detail::to_view(raw.name)),
        datatype_(static_cast<Datatype>(raw.datatype)),
        shape_(raw.shape, raw.shape + raw.rank),
        bytes_(static_cast<const char*>(raw.data), raw.data_bytes) {}

  // `values` in row-major order; throws std::invalid_argument where they do not fill the shape.
  template <class T>
  static Tensor of(std::string name, std::vector<std::int64_t> shape, const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T value = values[i];
      std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
    }
    Tensor made(std::move(name), detail::datatype_of<T>(), std::move(shape), std::move(bytes));
    made.check_count(values.size());
    return made;
  }
  static Tensor of_texts(std::string name, std::vector<std::int64_t> shape, const std::vector<std::string>& values) {
    std::string bytes;
    for (const std::string& value : values) {
      const auto length = static_cast<std::uint32_t>(value.size());
      bytes.append(reinterpret_cast<const char*>(&length), sizeof length).append(value);
    }
    Tensor made(std::move(name), Datatype::bytes, std::move(shape), std::move(bytes));
    made.check_count(values.size());
    return made;
  }
  // Half-precision numbers, rounded to the nearest; too large ones become infinite.
  static Tensor of_halves(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(std::uint16_t), '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint16_t half = detail::to_half(values[i]);
      std::memcpy(bytes.data() + i * sizeof half, &half, sizeof half);
    }
    Tensor made(std::move(name), Datatype::fp16, std::move(shape), std::move(bytes));
    made.check_count(values.size());
    return made;
  }
  // Data that is laid out already: little-endian, row-major, no padding.
  Tensor(std::string name, Datatype datatype, std::vector<std::int64_t> shape, std::string bytes)
      : datatype_(datatype), shape_(std::move(shape)) {
    auto own = std::make_shared<const Storage>(Storage{std::move(name), std::move(bytes)});
    name_ = own->name;
    bytes_ = own->bytes;
    owner_ = std::move(own);
  }

  std::string_view name() const { return name_; }
  Datatype datatype() const { return datatype_; }
  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::string_view bytes() const { return bytes_; }  // aligned for nothing but bytes; values() copies safely

  // How many elements the shape has; 1 for a scalar (rank 0).
  std::size_t element_count() const {
    std::size_t count = 1;
    for (const std::int64_t size : shape_) count *= static_cast<std::size_t>(size);
    return count;
  }

  // The elements; T must be exactly the datatype's (float for fp32, std::int64_t for int64, …).
  template <class T>
  std::vector<T> values() const {
    if (datatype_ != detail::datatype_of<T>()) fail("holds another datatype than the one asked for");
    if (bytes_.size() != element_count() * sizeof(T)) fail("has as many bytes as its shape does not say");
    std::vector<T> values(element_count());
    for (std::size_t i = 0; i < values.size(); ++i) {
      T value;
      std::memcpy(&value, bytes_.data() + i * sizeof(T), sizeof(T));
      values[i] = value;
    }
    return values;
  }

  // The elements of a tensor of Datatype::fp16, exactly.
  std::vector<float> halves() const {
    if (datatype_ != Datatype::fp16) fail("holds another datatype than the one asked for");
    if (bytes_.size() != element_count() * sizeof(std::uint16_t)) fail("has as many bytes as its shape does not say");
    std::vector<float> values(element_count());
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::uint16_t half = 0;
      std::memcpy(&half, bytes_.data() + i * sizeof half, sizeof half);
      values[i] = detail::from_half(half);
    }
    return values;
  }

  // The elements of a tensor of Datatype::bytes: texts, files, anything. Views into bytes().
  std::vector<std::string_view> elements() const {
    if (datatype_ != Datatype::bytes) fail("does not hold texts");
    std::vector<std::string_view> texts;
    for (std::string_view rest = bytes_; !rest.empty();) {
      std::uint32_t length = 0;
      if (rest.size() < sizeof length) fail("ends within the length of an element");
      std::memcpy(&length, rest.data(), sizeof length);
      rest.remove_prefix(sizeof length);
      if (rest.size() < length) fail("ends within an element");
      texts.emplace_back(rest.substr(0, length));
      rest.remove_prefix(length);
    }
    check_count(texts.size());
    return texts;
  }
  // The same, copied.
  std::vector<std::string> texts() const {
    const std::vector<std::string_view> views = elements();
    return std::vector<std::string>(views.begin(), views.end());
  }

 private:
  struct Storage {
    std::string name, bytes;
  };

  void check_count(std::size_t count) const {
    if (count != element_count()) fail("has as many elements as its shape does not say");
  }
  [[noreturn]] void fail(const char* why) const {
    throw std::invalid_argument("tensor '" + std::string(name_) + "' " + why);
  }

  std::shared_ptr<const Storage> owner_;
  std::string_view name_;
  Datatype datatype_;
  std::vector<std::int64_t> shape_;
  std::string_view bytes_;
};

}  // namespace sdk_v1
}  // namespace berth
