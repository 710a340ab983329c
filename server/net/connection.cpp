// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "http/forwarding.h"

namespace berth::net {

namespace {

// How often one connection may read before others get their turn.
constexpr int kReadsPerEvent = 4;

// With more than this of answers that its client has not taken, a connection reads no further request.
constexpr std::size_t kUnsentEnough = 256UL * 1024;

constexpr Refusal kTooManyRequests{503, "the server works on as many requests as it may, or holds as many answers"};
constexpr Refusal kIncomplete{400, "the connection ended before the request was complete"};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(IoContext& io, std::uint64_t id, UniqueFd fd, std::string peer)
    : io_(io),
      id_(id),
      fd_(std::move(fd)),
      interest_(EPOLLIN),
      peer_(std::move(peer)),
      reader_(io.limits, io.gauges),
      now_(Clock::now()),
      last_activity_(now_) {}

Connection::~Connection() { io_.gauges->give_answer_bytes(counted_bytes_); }

bool Connection::wants_requests() const {
  const bool may_hold_more =
      slots_.size() < io_.limits.max_pipelined && ready_bytes_ + output_.bytes() <= kUnsentEnough;
  // One that was begun is read to its end: its clock runs.
  return phase_ == Phase::open && !last_ && !blocked_ && (may_hold_more || reader_.busy());
}

bool Connection::wants_input() const {
  return phase_ == Phase::lingering || (wants_requests() && !input_ended_ && !paused_);
}

void Connection::on_events(std::uint32_t events) {
  now_ = last_activity_ = Clock::now();
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close();
  if ((events & EPOLLIN) != 0) read();
  settle();
}

void Connection::read() {
  for (int i = 0; i < kReadsPerEvent && wants_input(); ++i) {
    const auto direct = phase_ == Phase::open ? reader_.direct_room() : std::span<char>();
    const auto room = direct.empty() ? std::span<char>(io_.scratch) : direct;
    const auto received = ::recv(fd_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (received < 0) return close();
    if (received == 0) return end_input();
    const auto count = static_cast<std::size_t>(received);
    if (!direct.empty()) {
      act_on(reader_.received(count));
    } else if (phase_ == Phase::open) {
      take_input({room.data(), count});
    }
    if (count < room.size()) return;
  }
}

// Parses straight from where it was received; only what is left over is kept.
void Connection::take_input(std::string_view bytes) {
  if (pending_.empty()) {
    parse(bytes);
    pending_ = bytes;
  } else {
    pending_ += bytes;
    std::string_view input = pending_;
    parse(input);
    pending_.erase(0, pending_.size() - input.size());
  }
  if (last_) pending_.clear();
}

void Connection::parse(std::string_view& input) {
  while (wants_requests() && !input.empty()) {
    const auto state = reader_.feed(input, now_);
    if (state == RequestReader::State::incomplete) break;
    act_on(state);
  }
  paused_ = !input.empty() && !last_ && !wants_requests();
}

void Connection::act_on(RequestReader::State state) {
  if (state == RequestReader::State::complete) dispatch();
  if (state == RequestReader::State::refused) refuse(reader_.refusal());
}

void Connection::dispatch() {
  auto read = reader_.take();
  auto& request = read.request;
  request.peer = peer_;
  http::apply_forwarding(request, io_.trusted_proxies);
  const ReplyAddress address{.connection = id_, .sequence = first_sequence_ + slots_.size()};
  auto& slot = slots_.emplace_back();
  slot.request_id = request.id;
  slot.keep_alive = read.keep_alive;
  slot.http_1_0 = read.http_1_0;
  slot.without_body = request.method == "HEAD";
  last_ = !read.keep_alive;
  if (!io_.gauges->begin_request()) {
    io_.refusals.write(kTooManyRequests, slot.request_id, request.peer);
    slot.response = to_response(kTooManyRequests);
    slot.ready = true;
    ready_bytes_ += slot.response.body.size();
    return;
  }
  auto reply = io_.route->make_reply(address, request.body);
  in_handler_ = true;
  try {
    io_.on_request(std::move(request), std::move(reply));
  } catch (...) {
    // The reply, destroyed on the way here, has answered 500.
    log::error("an exception left the request handler", {.request_id = slot.request_id, .component = "net"});
  }
  in_handler_ = false;
}

void Connection::refuse(const Refusal& refusal) {
  auto& request = reader_.partial_request();
  assign_id(request);
  request.peer = peer_;
  // Half a head may lack the line that a proxy added behind its client's own.
  if (reader_.has_head()) http::apply_forwarding(request, io_.trusted_proxies);
  io_.refusals.write(refusal, request.id, request.peer);
  slots_.push_back({.request_id = request.id,
                    .without_body = request.method == "HEAD",
                    .ready = true,
                    .response = to_response(refusal)});
  ready_bytes_ += slots_.back().response.body.size();
  last_ = true;
  paused_ = false;
}

void Connection::end_input() {
  input_ended_ = true;
  if (phase_ == Phase::lingering) close();
}

void Connection::deliver(std::uint64_t sequence, http::Response response) {
  const auto index = sequence - first_sequence_;
  if (sequence < first_sequence_ || index >= slots_.size()) return;
  ready_bytes_ += response.body.size();
  slots_[index].response = std::move(response);
  slots_[index].ready = true;
  if (in_handler_) return;  // written together with what else this event brings
  now_ = last_activity_ = Clock::now();
  settle();
}

void Connection::refuse_at_once(const Refusal& refusal) {
  refuse(refusal);
  settle();
}

void Connection::begin_drain() {
  if (phase_ == Phase::open && is_idle()) close();
}

bool Connection::is_idle() const { return slots_.empty() && output_.empty() && !paused_ && !reader_.busy(); }

void Connection::check_timeouts(Clock::time_point now) {
  now_ = now;
  if (phase_ == Phase::lingering) {
    if (now >= linger_deadline_) close();
  } else if (blocked_) {
    if (now - last_progress_ >= io_.limits.write_stall_timeout || takes_too_little()) close();
  } else if (!last_ && reader_.busy()) {
    const auto refusal = reader_.overdue(now);
    if (!refusal) return;
    refuse(*refusal);
    settle();
  } else if (slots_.empty() && now - last_activity_ >= io_.limits.idle_timeout) {
    close();
  }
}

// Brings everything to where it stays until the next event: writes what can be written, and goes on with requests that
// waited for that.
void Connection::settle() {
  write_ready();
  while (paused_ && wants_requests()) {
    take_input({});
    write_ready();
  }
  if (phase_ == Phase::open && input_ended_ && !paused_ && !last_) {
    if (reader_.busy()) refuse(kIncomplete);
    last_ = true;
    write_ready();
  }
  update_interest();
}

void Connection::write_ready() {
  if (phase_ != Phase::open) return;
  while (!slots_.empty() && slots_.front().ready) write_front();
  if (slots_.empty() && reader_.wants_continue() && !last_) {
    output_.push(std::string(kContinue), {});
    reader_.continue_sent(now_);
  }
  const bool was_blocked = blocked_;
  const auto outcome = output_.flush(fd_.get());
  if (outcome == OutputQueue::Outcome::broken) return close();
  blocked_ = outcome == OutputQueue::Outcome::blocked;
  if (output_.last_sent() > 0 || !was_blocked) last_progress_ = now_;
  if (!was_blocked) {
    window_start_ = now_;
    window_bytes_ = 0;
  } else {
    window_bytes_ += output_.last_sent();
  }
  count_unsent();
  if (was_blocked && !blocked_) reader_.restart_clock(now_);
  if (io_.draining && is_idle()) last_ = true;  // its answer was under way when the drain began, and promised more
  if (last_ && slots_.empty() && output_.empty()) linger();
}

void Connection::write_front() {
  auto& slot = slots_.front();
  const bool drained = io_.draining && slots_.size() == 1 && !reader_.busy();
  if (drained) last_ = true;
  const bool close_after = !slot.keep_alive || drained;
  auto head = serialise_head(
      slot.response,
      {.request_id = slot.request_id, .date = io_.date.now(), .close = close_after, .http_1_0 = slot.http_1_0});
  ready_bytes_ -= slot.response.body.size();
  const bool with_body = !slot.without_body && may_have_body(slot.response.status);
  output_.push(std::move(head), with_body ? std::move(slot.response.body) : Bytes());
  slots_.pop_front();
  ++first_sequence_;
}

// As of a body that comes too slowly: on average, over the time in which at least one byte must go.
bool Connection::takes_too_little() {
  const auto elapsed = now_ - window_start_;
  if (elapsed < io_.limits.write_stall_timeout) return false;
  const auto due =
      static_cast<double>(io_.limits.min_body_bytes_per_second) * std::chrono::duration<double>(elapsed).count();
  if (static_cast<double>(window_bytes_) < due) return true;
  window_start_ = now_;
  window_bytes_ = 0;
  return false;
}

void Connection::count_unsent() {
  const auto unsent = ready_bytes_ + output_.bytes();
  if (unsent > counted_bytes_) io_.gauges->add_answer_bytes(unsent - counted_bytes_);
  if (unsent < counted_bytes_) io_.gauges->give_answer_bytes(counted_bytes_ - unsent);
  counted_bytes_ = unsent;
}

void Connection::linger() {
  if (input_ended_) return close();
  ::shutdown(fd_.get(), SHUT_WR);
  phase_ = Phase::lingering;
  linger_deadline_ = now_ + io_.limits.linger_timeout;
  pending_.clear();
}

void Connection::update_interest() {
  if (phase_ == Phase::closed) return;
  const std::uint32_t wanted = (wants_input() ? EPOLLIN : 0U) | (blocked_ ? EPOLLOUT : 0U);
  if (wanted == interest_) return;
  interest_ = wanted;
  watch_.set_events(wanted);
}

}  // namespace berth::net
