// SPDX-License-Identifier: Apache-2.0
// BodyBuffer: one request's body in one allocation, counted against the server's budget for as long as anybody holds
// it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "net/gauges.h"

namespace berth::net {

// Filled by writing into room() and saying how much; then handed over whole. Bytes are charged as they are about to
// come, not as they are announced, so that nobody can fill the budget with promises. [io]
class BodyBuffer {
 public:
  BodyBuffer() = default;  // holds nothing and has no room

  // `capacity` bytes at once: the Content-Length, or 0 where it is not known. Memory that is not written is not used.
  BodyBuffer(std::shared_ptr<Gauges> gauges, std::size_t capacity);
  BodyBuffer(BodyBuffer&&) noexcept = default;
  BodyBuffer& operator=(BodyBuffer&&) noexcept = default;

  // Where to write next: between 1 and `wanted` bytes. Empty where the budget or the memory is used up. Growing moves
  // what is there, the kernel's way (pages, not bytes) where it is large.
  std::span<char> room(std::size_t wanted);
  void advance(std::size_t count);
  std::size_t size() const;

  // Ends the charge of what was not used; the rest is given back when the last copy of the Bytes goes, on any thread.
  Bytes finish() &&;

 private:
  struct Storage;
  std::shared_ptr<Storage> storage_;
};

}  // namespace berth::net
