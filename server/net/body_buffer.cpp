// SPDX-License-Identifier: Apache-2.0
#include "net/body_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace berth::net {

namespace {
// How much is charged ahead: as much again as has come, within these bounds.
constexpr std::size_t kLeastAhead = 16UL * 1024;
constexpr std::size_t kMostAhead = 512UL * 1024;
constexpr std::size_t kFirstCapacity = 4UL * 1024;
}  // namespace

struct BodyBuffer::Storage {
  explicit Storage(std::shared_ptr<Gauges> shared_gauges) : gauges(std::move(shared_gauges)) {}
  ~Storage() {
    std::free(data);
    gauges->give_body_bytes(charged);
  }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  bool reserve(std::size_t wanted_capacity) {
    auto* moved = static_cast<char*>(std::realloc(data, wanted_capacity));
    if (!moved) return false;
    data = moved;
    capacity = wanted_capacity;
    return true;
  }

  std::shared_ptr<Gauges> gauges;
  char* data = nullptr;
  std::size_t capacity = 0;
  std::size_t size = 0;
  std::size_t charged = 0;
};

BodyBuffer::BodyBuffer(std::shared_ptr<Gauges> gauges, std::size_t capacity)
    : storage_(std::make_shared<Storage>(std::move(gauges))) {
  if (capacity > 0) storage_->reserve(capacity);
}

std::span<char> BodyBuffer::room(std::size_t wanted) {
  if (!storage_ || wanted == 0) return {};
  auto& s = *storage_;
  const auto ahead = std::min(wanted, std::clamp(s.size, kLeastAhead, kMostAhead));
  if (s.size == s.capacity && !s.reserve(std::max({kFirstCapacity, s.capacity * 2, s.size + ahead}))) return {};
  if (s.charged == s.size) {
    const auto step = std::min(ahead, s.capacity - s.size);
    if (!s.gauges->take_body_bytes(step)) return {};
    s.charged += step;
  }
  return {s.data + s.size, std::min(wanted, s.charged - s.size)};
}

void BodyBuffer::advance(std::size_t count) { storage_->size += count; }

std::size_t BodyBuffer::size() const { return storage_ ? storage_->size : 0; }

Bytes BodyBuffer::finish() && {
  if (!storage_ || storage_->size == 0) {
    storage_.reset();
    return {};
  }
  auto storage = std::exchange(storage_, nullptr);
  storage->gauges->give_body_bytes(storage->charged - storage->size);
  storage->charged = storage->size;
  if (storage->size < storage->capacity) storage->reserve(storage->size);
  const std::string_view view(storage->data, storage->size);
  return Bytes(std::move(storage), view);
}

}  // namespace berth::net
