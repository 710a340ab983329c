// SPDX-License-Identifier: Apache-2.0
// The way of a call: queue, batch, worker, answer. What goes wrong on it is in executor_faults.cpp.
#include "hosting/executor.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "hosting/seat.h"

namespace berth::hosting {
namespace {

// Copying more than this on an I/O thread would hold up the others there for milliseconds.
constexpr std::size_t kLargeInputBytes = 8UL * 1024 * 1024;
// Answers are parsed as well as copied.
constexpr std::size_t kLargeOutputBytes = 1024UL * 1024;

std::chrono::milliseconds tick_for(const ServingOptions& serving) {
  using std::chrono::milliseconds;
  return std::clamp(std::min(serving.call_timeout, serving.queue_timeout) / 10, milliseconds(5), milliseconds(250));
}

worker::Method wire(Method method) {
  switch (method) {
    case Method::predict_url: return worker::Method::predict_url;
    case Method::train: return worker::Method::train;
    default: return worker::Method::predict_data;
  }
}

}  // namespace

Executor::Executor(std::string name, std::string version, ServingOptions serving,
                   std::shared_ptr<Supervisor> supervisor)
    : name_(std::move(name)),
      version_(std::move(version)),
      serving_(serving),
      supervisor_(std::move(supervisor)),
      tick_interval_(tick_for(serving)) {}

void Executor::submit(Call call, OnOutcome on_outcome) {
  auto pending = std::make_shared<Pending>();
  pending->call = std::move(call);
  pending->on_outcome = std::move(on_outcome);
  auto view = view_of(pending->call);
  std::optional<Error> refused;
  if (view) {
    pending->bytes = worker::shared_bytes(*view);
    pending->view = std::move(*view);
    const Lock lock(mutex_);
    if (refused_) {
      refused = refused_;
    } else if (pending->bytes > serving_.max_input_bytes) {
      refused = Error{Code::too_large, "the input is larger than this model takes"};
    } else if (queue_.size() >= serving_.max_queue && (!queue_.empty() || idle_seat() == nullptr)) {
      refused = Error{.code = Code::busy, .message = "too many calls are waiting", .retry_after = retry_after()};
    } else {
      queue_.push_back(pending);
      keep_ticking();
    }
  } else {
    refused = view.error();
  }
  if (!refused) return pump();
  answer(*pending, {failure(std::move(*refused)), {}, version_});
}

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
  seat.used->store(true, std::memory_order_relaxed);
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
  const auto packet = worker::prepare(worker::Message::call, writer.view(), &region);
  if (!packet) return lose(seat, Why::died);
  {
    // From here on an answer may come, and another thread may write the next batch: nothing of the seat's is written.
    const Lock lock(mutex_);
    if (seat->state != Seat::State::sending) return;
    seat->input_ns = nanoseconds(Clock::now() - start);
    seat->state = Seat::State::busy;
  }
  const auto sent = worker::send(seat->link->control.get(), *packet, worker::Wait::no);
  if (!sent) lose(seat, sent.error().code == Code::cancelled ? Why::not_delivered : Why::died);
}

bool Executor::write_batch(worker::Writer& writer, worker::Region& region, const std::vector<PendingPtr>& batch,
                           std::uint64_t sequence) {
  region.clear();
  worker::write(writer, worker::CallHeader{sequence, wire(batch.front()->call.method), batch.size()});
  return std::ranges::all_of(batch, [&](const auto& call) { return worker::write_call(writer, region, call->view); });
}

std::shared_ptr<const std::atomic<bool>> Executor::add_worker(std::shared_ptr<WorkerLink> link, Loop* loop, int pid,
                                                              bool batches, std::function<void(std::string)> kill) {
  auto seat = std::make_shared<Seat>();
  seat->link = std::move(link);
  seat->loop = loop;
  seat->pid = pid;
  seat->batches = batches && serving_.max_batch > 1;
  seat->kill = std::move(kill);
  {
    const Lock lock(mutex_);
    watched_.push_back(seat);
  }
  loop->post([self = shared_from_this(), seat] { self->watch(seat); });
  {
    const Lock lock(mutex_);
    seats_.push_back(seat);
  }
  pump();
  return seat->used;
}

void Executor::watch(const SeatPtr& seat) {
  // The two hold each other until the socket is gone, which the end of the process makes sure of.
  seat->watch = seat->loop->watch(seat->link->control.get(), EPOLLIN,
                                  [self = shared_from_this(), seat](std::uint32_t) { self->on_readable(seat); });
}

void Executor::on_readable(const SeatPtr& seat) {
  WorkerLink& link = *seat->link;
  const auto got =
      worker::receive(link.control.get(), link.packet, &link.memory.response(), worker::Wait::no, worker::kMaxSaid);
  if (got && link.packet.type == worker::Message::done && take_done(seat)) return;
  if (!got && got.error().code == Code::busy) return;
  if (got || got.error().code != Code::cancelled) {
    seat->kill("it sent a message that makes no sense");
  }
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
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i] == nullptr) continue;
    auto output = check_answer(std::move(answers[i]));
    const Timings timings{batch[i]->queue_ns, input_ns, compute_ns, nanoseconds(Clock::now() - from)};
    answer(*batch[i], {std::move(output), timings, version_});
  }
  const Lock lock(mutex_);
  --finishing_;
  changed_.notify_all();
}

std::chrono::seconds Executor::retry_after() const {
  const double workers = static_cast<double>(std::max<std::size_t>(1, seats_.size()));
  const double seconds = std::ceil(service_ns_ * static_cast<double>(queue_.size() + 1) / workers / 1e9);
  return std::chrono::seconds(static_cast<int>(std::clamp(seconds, 1.0, 60.0)));
}

std::vector<WorkerStatus> Executor::workers() const {
  const Lock lock(mutex_);
  std::vector<WorkerStatus> result;
  for (const auto& seat : seats_) {
    result.push_back({seat->pid, seat->state == Seat::State::idle ? "idle" : "busy", seat->calls});
  }
  return result;
}

std::size_t Executor::queued() const {
  const Lock lock(mutex_);
  return queue_.size();
}

}  // namespace berth::hosting
