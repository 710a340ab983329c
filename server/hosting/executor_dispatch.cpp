// SPDX-License-Identifier: Apache-2.0
// From the queue to a worker: which calls go together, and how they are handed over.
#include <algorithm>
#include <utility>

#include "hosting/executor.h"
#include "hosting/nanoseconds.h"
#include "hosting/seat.h"

namespace berth::hosting {
namespace {

// Copying more than this on an I/O thread would hold up the others there for milliseconds.
constexpr std::size_t kLargeInputBytes = 8UL * 1024 * 1024;

worker::Method wire(Method method) {
  switch (method) {
    case Method::predict_url: return worker::Method::predict_url;
    case Method::train: return worker::Method::train;
    default: return worker::Method::predict_data;
  }
}

}  // namespace

// Hands waiting calls to idle workers until there is none of either.
void Executor::pump() {
  for (;;) {
    SeatPtr seat;
    std::vector<PendingPtr> batch;
    std::uint64_t sequence = 0;
    {
      const Lock lock(mutex_);
      if (queue_.empty()) return;
      seat = idle_seat();
      if (seat == nullptr || !take_batch(*seat)) return;
      batch = seat->batch;
      sequence = seat->sequence;
    }
    std::size_t bytes = 0;
    for (const auto& call : batch) bytes += call->bytes;
    if (bytes <= kLargeInputBytes || supervisor_->loop().in_loop_thread()) {
      send(seat, batch, sequence);
    } else {
      supervisor_->loop().post(
          [self = shared_from_this(), seat, batch = std::move(batch), sequence] { self->send(seat, batch, sequence); });
    }
  }
}

// One whose answer will come on this very thread, if there is a choice.
Executor::SeatPtr Executor::idle_seat() {
  SeatPtr found;
  for (const auto& seat : seats_) {
    if (seat->state != Seat::State::idle) continue;
    if (seat->loop->in_loop_thread()) return seat;
    if (found == nullptr) found = seat;
  }
  return found;
}

bool Executor::take_batch(Seat& seat) {
  if (waits_for_company(seat)) return false;
  const auto now = Clock::now();
  const auto batchable = [](const Pending& call) { return call.call.method == Method::predict_data && !call.alone; };
  std::size_t bytes = 0;
  do {
    auto call = std::move(queue_.front());
    queue_.pop_front();
    call->queue_ns += nanoseconds(now - call->queued);
    bytes += call->bytes;
    seat.batch.push_back(std::move(call));
  } while (seat.batches && batchable(*seat.batch.front()) && !queue_.empty() && batchable(*queue_.front()) &&
           seat.batch.size() < serving_.max_batch && bytes + queue_.front()->bytes <= serving_.max_input_bytes);
  seat.state = Seat::State::sending;
  seat.use->called.store(true, std::memory_order_relaxed);
  ++seat.sequence;
  seat.taken = now;
  seat.deadline = now + serving_.call_timeout;
  return true;
}

bool Executor::waits_for_company(const Seat& seat) {
  const auto& first = *queue_.front();
  const auto waited = Clock::now() - first.queued;
  if (!seat.batches || first.alone || first.call.method != Method::predict_data ||
      queue_.size() >= serving_.max_batch || waited >= serving_.max_batch_delay) {
    return false;
  }
  if (std::exchange(company_awaited_, true)) return true;
  const auto rest = std::chrono::ceil<std::chrono::milliseconds>(serving_.max_batch_delay - waited);
  supervisor_->loop().post([weak = weak_from_this(), rest] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->company_timer_ = self->supervisor_->loop().call_after(rest, [weak] {
      const auto me = weak.lock();
      if (me == nullptr) return;
      {
        const Lock lock(me->mutex_);
        me->company_awaited_ = false;
      }
      me->pump();
    });
  });
  return true;
}

void Executor::send(const SeatPtr& seat, const std::vector<PendingPtr>& batch, std::uint64_t sequence) {
  const auto start = Clock::now();
  worker::Region& region = seat->link->memory.request();
  worker::Writer writer;
  if (!write_batch(writer, region, batch, sequence)) return lose(seat, Why::died);
  seat->link->output->begin(request_ids(batch));
  const auto packet = worker::prepare(worker::Message::call, writer.view(), &region);
  if (!packet) return lose(seat, Why::died);
  {
    // From here on an answer may come, and another thread may write the next batch: nothing of the seat's is written.
    const Lock lock(mutex_);
    if (seat->state != Seat::State::sending) return;
    seat->input_ns = nanoseconds(Clock::now() - start);
    seat->state = Seat::State::busy;
    seat->link->call.store(sequence, std::memory_order_relaxed);
  }
  const auto sent = worker::send(seat->link->control.get(), *packet, worker::Wait::no);
  if (!sent) lose(seat, sent.error().code == Code::cancelled ? Why::not_delivered : Why::died);
}

std::vector<std::string> Executor::request_ids(const std::vector<PendingPtr>& batch) {
  std::vector<std::string> ids;
  ids.reserve(batch.size());
  for (const auto& call : batch) ids.push_back(call->call.request_id);
  return ids;
}

bool Executor::write_batch(worker::Writer& writer, worker::Region& region, const std::vector<PendingPtr>& batch,
                           std::uint64_t sequence) {
  region.clear();
  worker::write(writer, worker::CallHeader{sequence, wire(batch.front()->call.method), batch.size()});
  return std::ranges::all_of(batch, [&](const auto& call) { return worker::write_call(writer, region, call->view); });
}

}  // namespace berth::hosting
