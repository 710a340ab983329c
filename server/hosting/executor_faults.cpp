// SPDX-License-Identifier: Apache-2.0
// What goes wrong on the way of a call: workers that die, deadlines, models that are gone.
#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "hosting/executor.h"
#include "hosting/seat.h"

namespace berth::hosting {
namespace {

// What a worker's memory keeps of what a large call touched; the rest goes back when no call came for a while.
constexpr std::size_t kKeptBytes = 1024UL * 1024;
constexpr std::chrono::seconds kTrimAfter{1};

}  // namespace

// The calls that it had go back to the queue's head or are answered.
void Executor::lose(const SeatPtr& seat, Why why) {
  std::optional<Loss> loss;
  {
    const Lock lock(mutex_);
    loss = take_back(seat, why);
    if (!loss) return;
    ++finishing_;
  }
  if (!loss->input.empty()) {
    std::vector<Call> calls;
    for (const auto& call : loss->input) calls.push_back(call->call);
    crashes_->keep_input(loss->crash, std::move(calls));
  }
  seat->kill("", WorkerProcess::Manner::left);
  if (!loss->told.empty())
    log::warning(loss->told, {.request_id = loss->request_ids, .model = name_, .component = "hosting"});
  pump();
  give(std::move(loss->finished));
  const Lock lock(mutex_);
  --finishing_;
  changed_.notify_all();
}

// Nothing where it was lost before, or where its answer is complete: finish() goes on with that.
std::optional<Executor::Loss> Executor::take_back(const SeatPtr& seat, Why why) {
  const auto was = std::exchange(seat->state, Seat::State::lost);
  if (was == Seat::State::lost) return std::nullopt;
  std::erase(seats_, seat);
  changed_.notify_all();
  if (was == Seat::State::taking) {
    seat->kill("", WorkerProcess::Manner::left);
    return std::nullopt;
  }
  const auto verdict = seat->link->verdict.get();
  if (was == Seat::State::condemned || (verdict && verdict->code == Code::timeout)) why = Why::timed_out;
  auto batch = std::exchange(seat->batch, {});
  const bool alone = batch.size() == 1;
  Loss loss;
  if (crashes_ != nullptr && !batch.empty() && why != Why::not_delivered && !refused_) {
    loss.crash = seat->link->crash.get();
    if (crashes_->keeps_input()) loss.input = batch;
  }
  if (verdict && alone) batch.front()->verdict = verdict;
  for (auto call = batch.rbegin(); call != batch.rend(); ++call) put_back(*call, why, alone, loss.crash, loss.finished);
  if (batch.empty()) return loss;
  loss.request_ids = joined_ids(request_ids(batch));
  loss.told = "a worker was lost with " + std::to_string(batch.size()) + " call(s), " +
              std::to_string(batch.size() - loss.finished.size()) + " of them tried again";
  if (!loss.crash.empty()) loss.told.append("; crash report ").append(loss.crash);
  return loss;
}

void Executor::put_back(const PendingPtr& call, Why why, bool alone, const std::string& crash,
                        std::vector<Finished>& finished) {
  const auto blamed = [&](Error error) {
    error.crash_report = crash;
    return failure(std::move(error));
  };
  if (refused_) return finished.push_back({call, failure(*refused_)});
  if (why == Why::timed_out && alone) {
    return finished.push_back({call, blamed(call->verdict.value_or(Error{Code::timeout, "the model took too long"}))});
  }
  if (why == Why::died && ++call->deaths >= 2) {
    return finished.push_back(
        {call, blamed(call->verdict.value_or(Error{Code::internal, "the model's worker died twice on this input"}))});
  }
  if (why != Why::not_delivered) {
    call->alone = true;
    call->queued = Clock::now();
  }
  queue_.push_front(call);
}

void Executor::give(std::vector<Finished>&& finished) const {
  for (auto& [call, output] : finished) answer(*call, {std::move(output), {call->queue_ns}, version_});
}

// Whoever asked may run out of memory over an answer. That is the end of this request, not of the loop, nor of what
// waits for finishing_.
void Executor::answer(Pending& call, Outcome&& outcome) const {
  const auto on_outcome = std::exchange(call.on_outcome, {});
  try {
    on_outcome(std::move(outcome));
  } catch (const std::exception& thrown) {
    log::error(std::string("an answer was lost: ") + thrown.what(),
               {.request_id = call.call.request_id, .model = name_, .component = "hosting"});
  } catch (...) {
    log::error("an answer was lost", {.request_id = call.call.request_id, .model = name_, .component = "hosting"});
  }
}

void Executor::refuse(const Error& reason, bool for_good) {
  std::deque<PendingPtr> waiting;
  {
    const Lock lock(mutex_);
    if (refused_for_good_) return;
    refused_ = reason;
    refused_for_good_ = for_good;
    waiting.swap(queue_);
    ++finishing_;
  }
  for (const auto& call : waiting) answer(*call, {failure(reason), {}, version_});
  const Lock lock(mutex_);
  --finishing_;
  changed_.notify_all();
}

void Executor::refuse_new(Error reason) {
  const Lock lock(mutex_);
  if (!refused_for_good_) refused_ = std::move(reason);
}

void Executor::accept() {
  const Lock lock(mutex_);
  if (!refused_for_good_) refused_.reset();
}

bool Executor::idle() const {
  const auto is_free = [](const SeatPtr& seat) {
    return seat->state == Seat::State::idle || seat->state == Seat::State::trimming;
  };
  return queue_.empty() && finishing_ == 0 && std::ranges::all_of(seats_, is_free);
}

bool Executor::is_idle() const {
  const Lock lock(mutex_);
  return idle();
}

bool Executor::wait_until_idle(Clock::time_point deadline) {
  const Lock lock(mutex_);
  while (!idle()) {
    if (!changed_.wait_until(mutex_, deadline)) return false;
  }
  return true;
}

void Executor::detach() {
  std::vector<SeatPtr> left;
  {
    const Lock lock(mutex_);
    const auto deadline = Clock::now() + std::chrono::seconds(2);
    while (!watched_.empty() && changed_.wait_until(mutex_, deadline)) {
    }
    left = watched_;
  }
  // Their loops are held up, or run no more. The calls are answered from here; the watches are the loops' own.
  for (const auto& seat : left) lose(seat, Why::died);
}

std::size_t Executor::worker_count() const {
  const Lock lock(mutex_);
  return seats_.size();
}

// Deadlines are looked at now and then while there are calls, so that a call needs no timer of its own.
void Executor::keep_ticking() {
  if (std::exchange(ticking_, true)) return;
  supervisor_->loop().post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

void Executor::tick() {
  std::vector<SeatPtr> late, trimmed;
  std::vector<Finished> finished;
  {
    const Lock lock(mutex_);
    ticking_ = expire(Clock::now(), late, trimmed, finished);
    if (ticking_) {
      ticker_ = supervisor_->loop().call_after(tick_interval_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
      });
    }
    ++finishing_;
  }
  for (const auto& seat : late) seat->kill("a call took longer than call_timeout", WorkerProcess::Manner::ask);
  for (const auto& seat : trimmed) trim(seat);
  give(std::move(finished));
  const Lock lock(mutex_);
  --finishing_;
  changed_.notify_all();
}

// False: nothing is left to look after.
bool Executor::expire(Clock::time_point now, std::vector<SeatPtr>& late, std::vector<SeatPtr>& trimmed,
                      std::vector<Finished>& finished) {
  bool more = !queue_.empty();
  for (const auto& seat : seats_) {
    const auto& memory = seat->link->memory;
    if (seat->state == Seat::State::busy && seat->deadline <= now) {
      seat->state = Seat::State::condemned;
      late.push_back(seat);
    } else if (seat->state == Seat::State::idle && now - seat->idle_since >= kTrimAfter) {
      if (memory.request_high_water() <= kKeptBytes && memory.response_high_water() <= kKeptBytes) continue;
      seat->state = Seat::State::trimming;
      trimmed.push_back(seat);
    }
    more = true;
  }
  for (auto call = queue_.begin(); call != queue_.end();) {
    if (now - (*call)->queued < serving_.queue_timeout) {
      ++call;
      continue;
    }
    Error error{.code = Code::busy, .message = "no worker was free in time", .retry_after = retry_after()};
    finished.push_back({std::move(*call), failure(std::move(error))});
    call = queue_.erase(call);
  }
  return more;
}

void Executor::trim(const SeatPtr& seat) {
  seat->link->memory.request().give_back(kKeptBytes);
  seat->link->memory.response().give_back(kKeptBytes);
  {
    const Lock lock(mutex_);
    if (seat->state == Seat::State::trimming) seat->state = Seat::State::idle;
  }
  pump();
}

}  // namespace berth::hosting
