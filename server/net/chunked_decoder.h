// SPDX-License-Identifier: Apache-2.0
// ChunkedDecoder: takes the chunked transfer coding apart (RFC 9112 §7.1), strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/refusal.h"
#include "net/server.h"

namespace berth::net {

// Says how many bytes of body come next; the caller takes them and says so. Extensions and trailers are checked,
// counted and thrown away. [io]
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(const Limits& limits) : limits_(&limits) {}

  // Takes framing off the front of `input`, up to the next byte of data, the end of the body, or the end of the input.
  std::optional<Refusal> skip_framing(std::string_view& input);

  std::size_t data_expected() const { return state_ == State::data ? remaining_ : 0; }
  void data_taken(std::size_t count);
  bool done() const { return state_ == State::done; }

 private:
  enum class State {
    size,
    extension,
    size_end,
    data,
    data_return,
    data_end,
    trailer_start,
    trailer,
    trailer_end,
    last_end,
    done
  };

  std::optional<Refusal> take(char c);
  std::optional<Refusal> take_size(char c);
  std::optional<Refusal> end_size();
  std::optional<Refusal> take_overhead(char c);

  const Limits* limits_;
  State state_ = State::size;
  std::size_t remaining_ = 0;
  std::size_t total_ = 0;     // of all chunks so far
  int digits_ = 0;            // of the size being read
  std::size_t overhead_ = 0;  // bytes of this chunk's extension, or of the trailers
};

}  // namespace berth::net
