// SPDX-License-Identifier: Apache-2.0
// What comes in and how it stands. The way of a call goes on in executor_dispatch.cpp and executor_answers.cpp; what
// goes wrong on it is in executor_faults.cpp.
#include "hosting/executor.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hosting/seat.h"

namespace berth::hosting {
namespace {

std::chrono::milliseconds tick_for(const ServingOptions& serving) {
  using std::chrono::milliseconds;
  return std::clamp(std::min(serving.call_timeout, serving.queue_timeout) / 10, milliseconds(5), milliseconds(250));
}

}  // namespace

Executor::Executor(std::string name, std::string version, const ServingOptions& serving,
                   std::shared_ptr<Supervisor> supervisor, std::shared_ptr<CrashReporter> crashes)
    : name_(std::move(name)),
      version_(std::move(version)),
      serving_(serving),
      supervisor_(std::move(supervisor)),
      crashes_(std::move(crashes)),
      tick_interval_(tick_for(serving)),
      statistics_(serving.max_batch) {}

// Timers are their loop's, and go on its thread.
Executor::~Executor() {
  struct Timers {
    Loop::Timer ticker, company;
  };
  supervisor_->loop().post(
      [timers = std::make_shared<Timers>(Timers{std::move(ticker_), std::move(company_timer_)})] { (void)timers; });
}

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

std::shared_ptr<const WorkerUse> Executor::add_worker(std::shared_ptr<WorkerLink> link, Loop* loop, int pid,
                                                      bool batches, KillWorker kill) {
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
  return seat->use;
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
