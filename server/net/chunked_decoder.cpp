// SPDX-License-Identifier: Apache-2.0
#include "net/chunked_decoder.h"

#include "net/syntax.h"

namespace berth::net {

namespace {

constexpr int kMaxSizeDigits = 16;
constexpr std::size_t kMaxExtensionBytes = 256;
constexpr Refusal kMalformed{400, "the chunked body is malformed"};

std::size_t hex_value(char c) {
  if (c <= '9') return static_cast<std::size_t>(c - '0');
  return static_cast<std::size_t>(syntax::lower(c) - 'a') + 10;
}

}  // namespace

std::optional<Refusal> ChunkedDecoder::skip_framing(std::string_view& input) {
  while (!input.empty() && state_ != State::data && state_ != State::done) {
    const char c = input.front();
    input.remove_prefix(1);
    if (auto refusal = take(c)) return refusal;
  }
  return std::nullopt;
}

void ChunkedDecoder::data_taken(std::size_t count) {
  remaining_ -= count;
  if (remaining_ == 0) state_ = State::data_return;
}

std::optional<Refusal> ChunkedDecoder::take(char c) {
  const auto expect = [&](char wanted, State next) -> std::optional<Refusal> {
    if (c != wanted) return kMalformed;
    state_ = next;
    return std::nullopt;
  };
  switch (state_) {
    case State::size: return take_size(c);
    case State::extension: return c == '\r' ? expect('\r', State::size_end) : take_overhead(c);
    case State::size_end: return c == '\n' ? end_size() : kMalformed;
    case State::data_return: return expect('\r', State::data_end);
    case State::data_end:
      digits_ = 0;
      overhead_ = 0;
      return expect('\n', State::size);
    case State::trailer_start:
      if (c == '\r') return expect('\r', State::last_end);
      if (!syntax::is(syntax::kToken, c)) return kMalformed;
      state_ = State::trailer;
      return take_overhead(c);
    case State::trailer: return c == '\r' ? expect('\r', State::trailer_end) : take_overhead(c);
    case State::trailer_end: return expect('\n', State::trailer_start);
    case State::last_end: return expect('\n', State::done);
    case State::data:
    case State::done: break;
  }
  return std::nullopt;
}

std::optional<Refusal> ChunkedDecoder::take_size(char c) {
  if (syntax::is(syntax::kHex, c)) {
    if (++digits_ > kMaxSizeDigits) return kMalformed;
    remaining_ = remaining_ * 16 + hex_value(c);
    return std::nullopt;
  }
  if (digits_ == 0) return kMalformed;
  if (c == '\r') {
    state_ = State::size_end;
  } else if (c == ';') {
    state_ = State::extension;
  } else {
    return kMalformed;
  }
  return std::nullopt;
}

std::optional<Refusal> ChunkedDecoder::end_size() {
  if (remaining_ == 0) {
    state_ = State::trailer_start;
    overhead_ = 0;
    return std::nullopt;
  }
  if (remaining_ > limits_->max_body_bytes - total_) return Refusal{413, "the request body is too large"};
  total_ += remaining_;
  state_ = State::data;
  return std::nullopt;
}

std::optional<Refusal> ChunkedDecoder::take_overhead(char c) {
  if (!syntax::is(syntax::kValue, c)) return kMalformed;
  const bool in_trailers = state_ == State::trailer;
  if (++overhead_ <= (in_trailers ? limits_->max_header_bytes : kMaxExtensionBytes)) return std::nullopt;
  return in_trailers ? Refusal{431, "the trailers are too large"} : kMalformed;
}

}  // namespace berth::net
