// SPDX-License-Identifier: Apache-2.0
#include "net/request_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ids.h"

namespace berth::net {

namespace {

// Less than this is received together with what may follow it, and copied.
constexpr std::size_t kWorthDirect = 16UL * 1024;

constexpr Refusal kNoMemory{503, "the server holds as many request bodies as it may"};

}  // namespace

RequestReader::RequestReader(const Limits& limits, std::shared_ptr<Gauges> gauges)
    : limits_(limits), gauges_(std::move(gauges)), head_(limits), chunks_(limits) {}

RequestReader::State RequestReader::feed(std::string_view& input, TimePoint now) {
  if (phase_ == Phase::head) {
    if (!head_.started()) received_ = now;
    const auto state = head_.feed(input);
    if (state == HeadParser::State::refused) return refuse(head_.refusal());
    if (state == HeadParser::State::incomplete) return State::incomplete;
    if (head_.framing().body == Framing::Body::none) return State::complete;
    if (begin_body(!input.empty(), now) == State::refused) return State::refused;
  }
  return phase_ == Phase::sized_body ? read_sized(input) : read_chunked(input);
}

RequestReader::State RequestReader::begin_body(bool body_is_here, TimePoint now) {
  const auto& framing = head_.framing();
  if (!gauges_->body_bytes_would_fit(framing.content_length)) return refuse(kNoMemory);
  const bool sized = framing.body == Framing::Body::sized;
  phase_ = sized ? Phase::sized_body : Phase::chunked_body;
  if (!sized) chunks_ = ChunkedDecoder(limits_);
  body_ = BodyBuffer(gauges_, framing.content_length);
  wants_continue_ = framing.expects_continue && !body_is_here;
  window_start_ = now;
  window_bytes_ = 0;
  return State::incomplete;
}

RequestReader::State RequestReader::read_sized(std::string_view& input) {
  if (!append(input, std::min(input.size(), sized_left()))) return refuse(kNoMemory);
  return sized_left() == 0 ? State::complete : State::incomplete;
}

RequestReader::State RequestReader::read_chunked(std::string_view& input) {
  for (;;) {
    if (const auto refusal = chunks_.skip_framing(input)) return refuse(*refusal);
    if (chunks_.done()) return State::complete;
    if (input.empty()) return State::incomplete;
    const auto count = std::min(input.size(), chunks_.data_expected());
    if (!append(input, count)) return refuse(kNoMemory);
    chunks_.data_taken(count);
  }
}

bool RequestReader::append(std::string_view& input, std::size_t count) {
  window_bytes_ += count;
  wants_continue_ = wants_continue_ && count == 0;
  while (count > 0) {
    const auto room = body_.room(count);
    if (room.empty()) return false;
    std::memcpy(room.data(), input.data(), room.size());
    body_.advance(room.size());
    input.remove_prefix(room.size());
    count -= room.size();
  }
  return true;
}

std::span<char> RequestReader::direct_room() {
  const auto expected = phase_ == Phase::sized_body     ? sized_left()
                        : phase_ == Phase::chunked_body ? chunks_.data_expected()
                                                        : 0;
  return expected < kWorthDirect ? std::span<char>() : body_.room(expected);
}

RequestReader::State RequestReader::received(std::size_t count) {
  window_bytes_ += count;
  wants_continue_ = false;
  body_.advance(count);
  if (phase_ == Phase::chunked_body) {
    chunks_.data_taken(count);
    return State::incomplete;
  }
  return sized_left() == 0 ? State::complete : State::incomplete;
}

ReadRequest RequestReader::take() {
  ReadRequest read{.request = std::move(head_.request()),
                   .keep_alive = head_.framing().keep_alive,
                   .http_1_0 = head_.minor_version() == 0};
  read.request.received = received_;
  read.request.body = std::move(body_).finish();
  assign_id(read.request);
  head_.reset();
  phase_ = Phase::head;
  wants_continue_ = false;
  return read;
}

std::optional<Refusal> RequestReader::overdue(TimePoint now) {
  if (!busy()) return std::nullopt;
  if (phase_ == Phase::head) {
    if (now - received_ < limits_.header_timeout) return std::nullopt;
    return Refusal{408, "the request headers took too long"};
  }
  const auto elapsed = now - window_start_;
  if (wants_continue_ || elapsed < limits_.body_grace) return std::nullopt;
  const auto seconds = std::chrono::duration<double>(elapsed).count();
  if (static_cast<double>(window_bytes_) < static_cast<double>(limits_.min_body_bytes_per_second) * seconds) {
    return Refusal{408, "the request body comes too slowly"};
  }
  window_start_ = now;
  window_bytes_ = 0;
  return std::nullopt;
}

void RequestReader::continue_sent(TimePoint now) {
  wants_continue_ = false;
  restart_clock(now);
}

void RequestReader::restart_clock(TimePoint now) {
  if (phase_ == Phase::head && busy()) received_ = now;
  window_start_ = now;
  window_bytes_ = 0;
}

RequestReader::State RequestReader::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  body_ = {};
  return State::refused;
}

void assign_id(http::Request& request) {
  const auto sent = request.header("x-request-id");
  request.id = sent && is_sane_request_id(*sent) ? std::string(*sent) : random_hex_id();
}

}  // namespace berth::net
