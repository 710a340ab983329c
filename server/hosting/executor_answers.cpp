// SPDX-License-Identifier: Apache-2.0
// From a worker to whoever asked: its answers taken, checked and given.
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "hosting/executor.h"
#include "hosting/nanoseconds.h"
#include "hosting/seat.h"

namespace berth::hosting {
namespace {

// Answers are parsed as well as copied.
constexpr std::size_t kLargeOutputBytes = 1024UL * 1024;

}  // namespace

void Executor::watch(const SeatPtr& seat) {
  // The two hold each other until the socket is gone, which the end of the process makes sure of.
  seat->watch = seat->loop->watch(seat->link->control.get(), EPOLLIN,
                                  [self = shared_from_this(), seat](std::uint32_t) { self->take_message(seat); });
}

void Executor::worker_ended(int pid, Loop::Task then) {
  SeatPtr seat;
  {
    const Lock lock(mutex_);
    const auto found = std::ranges::find(watched_, pid, &Seat::pid);
    if (found != watched_.end()) seat = *found;
  }
  if (seat == nullptr) return then();
  seat->loop->post([self = shared_from_this(), seat, then = std::move(then)]() mutable {
    while (self->take_message(seat)) continue;
    self->forget(seat);
    self->supervisor_->loop().post(std::move(then));
  });
}

// False: there is none now, or there will be none any more.
bool Executor::take_message(const SeatPtr& seat) {
  WorkerLink& link = *seat->link;
  const auto got =
      worker::receive(link.control.get(), link.packet, &link.memory.response(), worker::Wait::no, worker::kMaxSaid);
  if (got && link.packet.type == worker::Message::done && take_done(seat)) return true;
  if (!got && got.error().code == Code::busy) return false;
  if (got || got.error().code != Code::cancelled) {
    seat->kill("it sent a message that makes no sense", WorkerProcess::Manner::blame);
  }
  forget(seat);
  return false;
}

void Executor::forget(const SeatPtr& seat) {
  lose(seat, Why::died);
  const auto self = shared_from_this();  // the watch may hold the last
  seat->watch.reset();
  const Lock lock(mutex_);
  std::erase(watched_, seat);
  changed_.notify_all();
}

// False: nobody waits for it, or it is nonsense.
bool Executor::take_done(const SeatPtr& seat) {
  const auto now = Clock::now();
  std::uint64_t sequence = 0;
  std::size_t count = 0;
  {
    const Lock lock(mutex_);
    if (seat->state != Seat::State::busy) return seat->state == Seat::State::condemned;  // late, and being killed
    seat->state = Seat::State::taking;
    sequence = seat->sequence;
    count = seat->batch.size();
  }
  std::vector<RawAnswer> answers;
  std::uint64_t compute_ns = 0;
  worker::Reader reader(seat->link->packet.body);
  if (!read_answers(reader, seat->link->memory.response(), sequence, count, compute_ns, answers)) {
    const Lock lock(mutex_);
    if (seat->state == Seat::State::taking) seat->state = Seat::State::busy;
    return false;
  }
  if (body_bytes(answers) <= kLargeOutputBytes) {
    finish(seat, compute_ns, std::move(answers), now);
    return true;
  }
  supervisor_->loop().post([self = shared_from_this(), seat, compute_ns, answers = std::move(answers), now]() mutable {
    self->finish(seat, compute_ns, std::move(answers), now);
  });
  return true;
}

void Executor::finish(const SeatPtr& seat, std::uint64_t compute_ns, std::vector<RawAnswer>&& answers,
                      Clock::time_point from) {
  copy_bodies(answers, seat->link->memory.response());
  seat->link->output->end();
  seat->link->call.store(0, std::memory_order_relaxed);
  seat->use->answered.store(true, std::memory_order_relaxed);
  const auto input_ns = seat->input_ns;
  std::vector<PendingPtr> batch;
  {
    const Lock lock(mutex_);
    batch = std::move(seat->batch);
    seat->batch.clear();
    seat->calls += batch.size();
    if (seat->state == Seat::State::taking) seat->state = Seat::State::idle;
    seat->idle_since = Clock::now();
    const auto busy_ns = nanoseconds(from - seat->taken);
    compute_ns = std::min(compute_ns, busy_ns);
    service_ns_ += (static_cast<double>(busy_ns) / static_cast<double>(batch.size()) - service_ns_) / 16;
    ++finishing_;
    // Together they were too much; one by one they may not be.
    for (std::size_t i = batch.size(); batch.size() > 1 && i-- > 0;) {
      if (answers[i].kind != worker::ResultKind::overflow) continue;
      batch[i]->alone = true;
      batch[i]->queued = Clock::now();
      queue_.push_front(std::exchange(batch[i], nullptr));
    }
  }
  pump();  // the worker goes on while its answers are checked
  statistics_.count_execution(batch.size(), input_ns, compute_ns);
  std::uint64_t output_ns = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i] == nullptr) continue;
    auto output = check_answer(std::move(answers[i]));
    const auto taken_ns = nanoseconds(Clock::now() - from);
    statistics_.add_output(batch.size(), taken_ns - std::exchange(output_ns, taken_ns));
    const Timings timings{batch[i]->queue_ns, input_ns, compute_ns, taken_ns};
    answer(*batch[i], {std::move(output), timings, version_});
  }
  const Lock lock(mutex_);
  --finishing_;
  changed_.notify_all();
}

}  // namespace berth::hosting
