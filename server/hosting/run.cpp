// SPDX-License-Identifier: Apache-2.0
#include "hosting/run.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include "hosting/nanoseconds.h"

namespace berth::hosting {
namespace {

constexpr std::chrono::milliseconds kLeaveGrace{2'000};
constexpr std::uint64_t kSequence = 1;

}  // namespace

std::shared_ptr<WorkerRun> WorkerRun::start(std::shared_ptr<Supervisor> supervisor, WorkerProcess::Spec spec, Call call,
                                            Callbacks callbacks) {
  std::shared_ptr<WorkerRun> run(
      new WorkerRun(std::move(supervisor), std::move(spec), std::move(call), std::move(callbacks)));
  run->supervisor_->loop().post([run] { run->launch(); });
  return run;
}

WorkerRun::WorkerRun(std::shared_ptr<Supervisor> supervisor, WorkerProcess::Spec spec, Call call, Callbacks callbacks)
    : supervisor_(std::move(supervisor)),
      spec_(std::move(spec)),
      call_(std::move(call)),
      callbacks_(std::move(callbacks)) {}

void WorkerRun::request_stop() {
  supervisor_->loop().post([self = shared_from_this()] {
    self->stop_wanted_ = true;
    if (self->process_ != nullptr) self->process_->link()->memory.request_stop();
  });
}

void WorkerRun::kill() {
  supervisor_->loop().post([self = shared_from_this()] {
    if (self->finished_) return;
    self->kill_wanted_ = true;
    if (self->process_ != nullptr) self->process_->kill("cancelled");
  });
}

void WorkerRun::launch() {
  const auto self = shared_from_this();
  if (kill_wanted_) return on_ended({.was_ready = false, .refused = false, .reason = "cancelled"});
  auto started = WorkerProcess::start(supervisor_, spec_,
                                      {.ready = [self](Description&&) { self->on_ready(); },
                                       .progress =
                                           [self](Progress&& progress) {
                                             if (!self->finished_ && self->callbacks_.progress) {
                                               self->callbacks_.progress(std::move(progress));
                                             }
                                           },
                                       .ended = [self](const WorkerProcess::Ended& ended) { self->on_ended(ended); }});
  if (!started) return on_ended({.was_ready = false, .refused = true, .reason = started.error().message});
  process_ = std::move(*started);
  if (stop_wanted_) process_->link()->memory.request_stop();
}

void WorkerRun::on_ready() {
  auto& link = *process_->link();
  const auto view = view_of(call_);
  worker::Writer writer;
  link.memory.request().clear();
  worker::write(writer, worker::CallHeader{kSequence, worker::Method::train, 1});
  if (!view || !worker::write_call(writer, link.memory.request(), *view)) {
    finish(view ? failure(Code::too_large, "too much input") : failure(view.error()));
    return process_->kill("its call could not be sent");
  }
  link.output->begin({call_.request_id});
  sent_ = Loop::Clock::now();
  const auto sent =
      worker::send(link.control.get(), worker::Message::call, writer.view(), &link.memory.request(), worker::Wait::no);
  if (!sent) {
    finish(failure(Code::internal, "the worker cannot be reached"));
    return process_->kill("its call could not be sent");
  }
  watch_ = supervisor_->loop().watch(link.control.get(), EPOLLIN,
                                     [self = shared_from_this()](std::uint32_t) { self->on_readable(); });
}

void WorkerRun::on_readable() {
  const auto self = shared_from_this();
  auto& link = *process_->link();
  const auto got =
      worker::receive(link.control.get(), link.packet, &link.memory.response(), worker::Wait::no, worker::kMaxSaid);
  if (!got && got.error().code == Code::busy) return;
  watch_.reset();  // one answer is all there is to come; an end is told by the process
  if (!got && got.error().code == Code::cancelled) return;
  std::uint64_t compute_ns = 0;
  std::vector<RawAnswer> answers;
  worker::Reader reader(link.packet.body);
  if (!got || link.packet.type != worker::Message::done ||
      !read_answers(reader, link.memory.response(), kSequence, 1, compute_ns, answers)) {
    return process_->kill("it sent an answer that makes no sense", WorkerProcess::Manner::blame);
  }
  link.output->end();
  copy_bodies(answers, link.memory.response());
  process_->take_side_messages();  // its last progress
  auto output = check_answer(std::move(answers.front()));
  auto package = output ? process_->take_package() : nullptr;
  if (package != nullptr) {
    held_ = outcome_of(std::move(output), compute_ns);
    held_->package = std::move(package);
  } else {
    finish(std::move(output), compute_ns);
  }
  process_->end(kLeaveGrace);
}

void WorkerRun::on_ended(const WorkerProcess::Ended& ended) {
  watch_.reset();
  if (!ended.crash_report.empty()) spec_.crashes->keep_input(ended.crash_report, {call_});
  if (kill_wanted_)
    finish(failure(Code::cancelled, "cancelled"));
  else if (auto held = std::exchange(held_, std::nullopt))
    deliver(std::move(*held));
  else
    finish(failure({.code = ended.refused ? Code::unavailable : Code::internal,
                    .message = "the worker ended: " + ended.reason,
                    .crash_report = ended.crash_report}));
  process_.reset();
  const auto callbacks = std::exchange(callbacks_, {});
  if (callbacks.ended) callbacks.ended();
}

Outcome WorkerRun::outcome_of(Result<Output> output, std::uint64_t compute_ns) const {
  compute_ns = std::min(compute_ns, nanoseconds(Loop::Clock::now() - sent_));
  return {std::move(output), {0, 0, compute_ns, 0}, spec_.source.version};
}

void WorkerRun::finish(Result<Output> output, std::uint64_t compute_ns) {
  deliver(outcome_of(std::move(output), compute_ns));
}

void WorkerRun::deliver(Outcome&& outcome) {
  if (std::exchange(finished_, true)) return;
  const auto on_outcome = std::exchange(callbacks_.outcome, {});
  on_outcome(std::move(outcome));
}

}  // namespace berth::hosting
