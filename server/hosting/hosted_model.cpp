// SPDX-License-Identifier: Apache-2.0
#include "hosting/hosted_model.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

constexpr std::chrono::milliseconds kLeaveGrace{2'000};
// Less than any load_timeout that makes sense: what must have its share to be ready in time gets it.
constexpr std::chrono::milliseconds kYieldsFor{10'000};
constexpr std::chrono::milliseconds kLookUpEvery{10};  // from waiting for a retiring model's last calls
// A worker that lived so long without a call did not die of its start.
constexpr std::chrono::seconds kPastItsStart{10};

Error being_stopped() { return {.code = Code::cancelled, .message = "the server is being stopped"}; }

Error not_ready(const std::string& name, const std::string& why) {
  return {.code = Code::unavailable, .message = "model " + name + " is not available: " + why};
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::predict_data: return "predict_data";
    case Method::predict_url: return "predict_url";
    case Method::train: return "train";
  }
  return "";
}

std::string_view to_string(State state) {
  switch (state) {
    case State::loading: return "loading";
    case State::ready: return "ready";
    case State::unavailable: return "unavailable";
    case State::draining: return "draining";
    case State::unloaded: return "unloaded";
  }
  return "";
}

HostedModel::HostedModel(std::shared_ptr<Supervisor> supervisor, WorkerProcess::Spec spec, std::vector<Loop*> loops,
                         std::size_t first_loop)
    : supervisor_(std::move(supervisor)),
      spec_(std::move(spec)),
      loops_(std::move(loops)),
      next_loop_(first_loop),
      executor_(std::make_shared<Executor>(spec_.source.name, spec_.source.version, spec_.serving, supervisor_,
                                           spec_.crashes)),
      slots_(std::max<std::size_t>(1, spec_.serving.workers)),
      restart_delay_(spec_.serving.restart_delay_min, spec_.serving.restart_delay_max) {
  executor_->refuse(not_ready(spec_.source.name, "it is being loaded"));
}

std::shared_ptr<const Description> HostedModel::description() const {
  const Lock lock(mutex_);
  return description_;
}

Status HostedModel::status() const {
  Status status;
  status.workers = executor_->workers();
  status.queued = executor_->queued();
  const Lock lock(mutex_);
  for (const int pid : starting_) status.workers.push_back({pid, "starting", 0});
  status.state = state_;
  status.reason = reason_;
  if (reason_.empty() && Loop::Clock::now() < trouble_until_) status.reason = trouble_;
  status.restarts = restarts_;
  return status;
}

void HostedModel::start(std::function<void()> on_change, bool beside) {
  supervisor_->loop().post([self = shared_from_this(), on_change = std::move(on_change), beside]() mutable {
    self->on_change_ = std::move(on_change);
    self->beside_ = beside && self->supervisor_->may_yield();
    if (self->beside_) {
      self->patience_ = self->supervisor_->loop().call_after(kYieldsFor, [self] { self->stop_yielding(); });
    }
    for (std::size_t i = 0; i < self->slots_.size(); ++i) self->start_worker(i);
  });
}

bool HostedModel::stopping() const {
  const Lock lock(mutex_);
  return stopping_;
}

void HostedModel::start_worker(std::size_t index) {
  supervisor_->queue_start([self = shared_from_this(), index] {
    self->slots_[index].starting = true;
    if (!self->stopping()) return self->launch(index);
    self->slots_[index].starting = false;
    self->supervisor_->start_ended();
  });
}

void HostedModel::launch(std::size_t index) {
  const auto self = shared_from_this();
  auto spec = spec_;
  spec.yields = beside_;
  auto started = WorkerProcess::start(
      supervisor_, spec,
      {.ready = [self, index](Description&& description) { self->on_ready(index, std::move(description)); },
       .progress = {},
       .ended = [self, index](const WorkerProcess::Ended& ended) { self->on_ended(index, ended); }});
  if (!started) {
    // Files that changed do not change back: it is an exchange that brings new workers.
    const bool refused = started.error().code == Code::conflict;
    return on_ended(index, {.was_ready = false, .refused = refused, .reason = started.error().message});
  }
  slots_[index].process = std::move(*started);
  slots_[index].yields = beside_;
  const Lock lock(mutex_);
  starting_.push_back(slots_[index].process->pid());
}

// Once it is ready calls go to it, and all its workers are wanted.
void HostedModel::stop_yielding() {
  beside_ = false;
  patience_.reset();
  for (auto& slot : slots_) {
    if (std::exchange(slot.yields, false) && slot.process != nullptr) take_processor(slot.process->pid());
  }
}

void HostedModel::on_ready(std::size_t index, Description&& description) {
  Slot& slot = slots_[index];
  slot.starting = false;
  stop_yielding();
  slot.ready_at = Loop::Clock::now();
  restart_delay_.on_ready(slot.ready_at);
  const bool batches = description.has_predict_batch;
  supervisor_->start_ended();
  {
    const Lock lock(mutex_);
    std::erase(starting_, slot.process->pid());
  }
  if (stopping()) return slot.process->end(kLeaveGrace);
  {
    // Calls are taken before anyone hears that it is ready.
    const Lock lock(mutex_);
    if (state_ != State::draining) executor_->accept();
  }
  slot.use = executor_->add_worker(
      slot.process->link(), loops_[next_loop_++ % loops_.size()], slot.process->pid(), batches,
      [weak = std::weak_ptr(slot.process), supervisor = supervisor_](std::string reason, WorkerProcess::Manner manner) {
        supervisor->loop().post([weak, reason = std::move(reason), manner] {
          if (const auto process = weak.lock()) process->kill(reason, manner);
        });
      });
  become_ready(std::move(description));
}

void HostedModel::become_ready(Description&& description) {
  {
    const Lock lock(mutex_);
    if (description_ == nullptr) description_ = std::make_shared<const Description>(std::move(description));
    if (state_ == State::ready || state_ == State::draining) return;
    state_ = State::ready;
    reason_.clear();
  }
  log::info("ready", {.model = spec_.source.name, .component = "hosting"});
  on_change_();
}

void HostedModel::on_ended(std::size_t index, const WorkerProcess::Ended& ended) {
  Slot& slot = slots_[index];
  if (std::exchange(slot.starting, false)) supervisor_->start_ended();
  {
    const Lock lock(mutex_);
    if (slot.process != nullptr) std::erase(starting_, slot.process->pid());
    if (!stopping_) ++restarts_;
  }
  const int pid = slot.process == nullptr ? 0 : slot.process->pid();
  slot.process.reset();
  if (stopping()) return;
  std::string told = ended.request_ids.empty() ? "its worker ended: " : "its worker ended while serving: ";
  told += ended.reason;
  if (!ended.crash_report.empty()) told.append("; crash report ").append(ended.crash_report);
  log::error(told, {.request_id = ended.request_ids, .model = spec_.source.name, .component = "hosting"});
  // One that had been at work is replaced at once, unless too many die of their calls. One that dies before it got
  // anything to do died on its start, whatever it said.
  const auto now = Loop::Clock::now();
  const auto use = std::exchange(slot.use, nullptr);
  const bool was_used = use != nullptr && use->called.load(std::memory_order_relaxed);
  if (ended.was_ready && (was_used || now - slot.ready_at >= kPastItsStart)) {
    const bool had_answered = use != nullptr && use->answered.load(std::memory_order_relaxed);
    const auto delay = restart_delay_.after_death_on_call(had_answered, now);
    if (delay.count() == 0) {
      return executor_->worker_ended(pid, [self = shared_from_this(), index] { self->start_worker(index); });
    }
    tell_trouble(ended.reason, delay);
    return start_later(index, delay);
  }
  const auto delay = restart_delay_.after_death_on_start(ended.refused);
  if (restart_delay_.gave_up_starting() && executor_->worker_count() == 0) become_unavailable(ended.reason);
  start_later(index, delay);
}

void HostedModel::start_later(std::size_t index, std::chrono::milliseconds delay) {
  slots_[index].restart =
      supervisor_->loop().call_after(delay, [self = shared_from_this(), index] { self->start_worker(index); });
}

void HostedModel::tell_trouble(const std::string& reason, std::chrono::milliseconds delay) {
  const auto told = "calls kill its workers one after another; the next is started after " +
                    std::to_string(delay.count()) + " ms; the last one: " + reason;
  log::warning(told, {.model = spec_.source.name, .component = "hosting"});
  const Lock lock(mutex_);
  trouble_ = told;
  trouble_until_ = Loop::Clock::now() + delay + RestartDelay::kQuiet;
}

void HostedModel::become_unavailable(const std::string& reason) {
  bool draining = false;
  {
    const Lock lock(mutex_);
    draining = state_ == State::draining;
    if (!draining) state_ = State::unavailable;
    reason_ = reason;
  }
  executor_->refuse(draining ? being_stopped() : not_ready(spec_.source.name, reason));
  on_change_();
}

void HostedModel::begin_drain() {
  {
    const Lock lock(mutex_);
    executor_->refuse_new(being_stopped());
    // One that was not ready has no calls to finish: it need not become so.
    if (std::exchange(state_, State::draining) == State::ready) return;
  }
  end_workers();
}

void HostedModel::retire() {
  if (stopping()) return;
  begin_drain();
  supervisor_->loop().post([self = shared_from_this()] { self->leave_when_idle(); });
}

void HostedModel::leave_when_idle() {
  if (stopping()) return;
  if (executor_->is_idle()) return stop();
  leaving_ = supervisor_->loop().call_after(kLookUpEvery, [self = shared_from_this()] { self->leave_when_idle(); });
}

void HostedModel::stop() {
  begin_drain();
  executor_->refuse(being_stopped(), true);
  end_workers();
}

void HostedModel::end_workers() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  supervisor_->loop().post([self = shared_from_this()] {
    self->leaving_.reset();
    self->patience_.reset();
    const auto workers = self->executor_->workers();
    for (auto& slot : self->slots_) {
      slot.restart.reset();
      if (slot.process == nullptr) continue;
      // Whoever wanted a running call to finish has waited for it before.
      const auto busy = [&](const auto& worker) { return worker.pid == slot.process->pid() && worker.state == "busy"; };
      if (std::ranges::any_of(workers, busy))
        slot.process->kill("the server is being stopped");
      else
        slot.process->end(kLeaveGrace);
    }
  });
}

}  // namespace berth::hosting
