// SPDX-License-Identifier: Apache-2.0
// How a worker ends: asked, killed or by itself; what is left of it, and what is told of it.
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "hosting/priority.h"
#include "hosting/worker_process.h"
#include "worker/crash_handler.h"

namespace berth::hosting {
namespace {

constexpr std::chrono::milliseconds kStackGrace{200};  // to tell its stack
constexpr std::chrono::milliseconds kEndGrace{100};    // from the end of its socket to that of its process

// "T (stopped)", where that explains why it does nothing.
std::string state_of(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  const auto name_end = text.rfind(") ");
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return "";
  switch (text[name_end + 2]) {
    case 'T': return "T (stopped)";
    case 't': return "t (traced)";
    case 'D': return "D (waits for the system)";
    default: return "";
  }
}

std::vector<std::string> split(const std::string& ids) {
  std::vector<std::string> result;
  for (std::size_t start = 0; start < ids.size();) {
    const auto end = std::min(ids.find(',', start), ids.size());
    result.push_back(ids.substr(start, end - start));
    start = end + 1;
  }
  return result;
}

std::string last_words(const std::string& tail) {
  const auto end = tail.find_last_not_of(" \n");
  return end == std::string::npos ? "" : "; it last printed: " + tail.substr(0, end + 1);
}

}  // namespace

void WorkerProcess::end(std::chrono::milliseconds grace) {
  link_->memory.request_stop();
  const auto sent = worker::send(link_->control.get(), worker::Message::end, {}, nullptr, worker::Wait::no);
  leaving_ = true;
  if (!sent || !ready_) return kill("ended");
  // Its memory takes a while to give back, and nobody waits for that.
  const bool yields = supervisor_->may_yield();
  if (yields) yield_processor(pid_);
  deadline_ = supervisor_->loop().call_after(grace / 2, [this, yields, rest = grace / 2] {
    if (yields) take_processor(pid_);
    deadline_ = supervisor_->loop().call_after(rest, [this] { kill("it did not leave in time"); });
  });
}

void WorkerProcess::kill(std::string reason, Manner manner) {
  if (manner == Manner::left) {
    if (kill_later_ || killed_) return;
    kill_later_ = supervisor_->loop().call_after(kEndGrace, [this] {
      if (reason_.empty()) reason_ = "it closed the socket that it serves through";
      kill_now(Manner::blame);
    });
    return;
  }
  if (reason_.empty()) reason_ = std::move(reason);
  if (manner == Manner::ask && crashes_ != nullptr) return ask_for_stack();
  kill_now(manner);
}

void WorkerProcess::kill_now(Manner manner) {
  if (!killed_) killed_ = manner;
  child_.kill();
}

// What it tells, it tells in its record, and then it kills itself.
void WorkerProcess::ask_for_stack() {
  if (std::exchange(asked_, true) || killed_ || pid_ == 0) return;
  killed_ = Manner::ask;
  process_state_ = state_of(pid_);
  // Its first thread is the one that runs the plugin. A stopped process hears nothing.
  ::syscall(SYS_tgkill, pid_, pid_, worker::where_are_you_signal());
  ::kill(pid_, SIGCONT);
  kill_later_ = supervisor_->loop().call_after(kStackGrace, [this] { child_.kill(); });
}

bool WorkerProcess::is_crash(const Exit& exit) const {
  if (crashes_ == nullptr) return false;
  if (exit.signal != 0 && exit.signal != SIGKILL) return true;
  if (killed_) return *killed_ != Manner::quiet;
  return !leaving_ && !refused_;
}

void WorkerProcess::report(const Exit& exit) {
  Death death;
  death.id = link_->crash.get();
  death.time = std::chrono::system_clock::now();
  death.source = source_;
  death.pid = pid_;
  death.exit = exit;
  if (killed_ && (exit.signal == SIGKILL || exit.signal == 0)) death.killed_because = reason_;
  death.process_state = process_state_;
  death.was_ready = ready_;
  death.request_ids = split(link_->output->running());
  death.last_words = output_->last_lines();
  death.record = std::make_unique<worker::CrashRecord>();
  const auto bytes = link_->memory.crash().at(0, sizeof(worker::CrashRecord));
  if (bytes) std::memcpy(static_cast<void*>(death.record.get()), bytes->data(), bytes->size());
  crashes_->report(std::move(death));
}

void WorkerProcess::on_exit() {
  const auto exit = child_.reap();
  if (!exit) return;
  const auto self = shared_from_this();  // the watches hold it, and go now
  take_side_messages();
  side_watch_.reset();
  exit_watch_.reset();
  deadline_.reset();
  next_look_.reset();
  side_resumed_.reset();
  kill_later_.reset();
  output_->finish();
  // A process that the plugin left behind could hold the other end: whoever waits for an answer must hear.
  ::shutdown(link_->control.get(), SHUT_RDWR);
  remove_scratch();
  Ended ended;
  ended.was_ready = ready_;
  ended.refused = refused_;
  ended.request_ids = link_->output->running();
  if (is_crash(*exit)) {
    ended.crash_report = link_->crash.get();
    report(*exit);
  }
  ended.reason = std::exchange(reason_, {});
  if (ended.reason.empty()) ended.reason = to_string(*exit) + last_words(output_->tail());
  const auto events = std::exchange(events_, {});
  events.ended(ended);
  supervisor_->process_ended();
}

}  // namespace berth::hosting
