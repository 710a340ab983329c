// SPDX-License-Identifier: Apache-2.0
#include "hosting/worker_process.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "berth/abi.h"
#include "hosting/confinement.h"
#include "hosting/description.h"
#include "hosting/library_copies.h"
#include "hosting/usage.h"
#include "worker/crash_handler.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxFetchBytes = 128UL * 1024 * 1024;
constexpr int kMessagesPerTurn = 16;
// An honest worker keeps well below it (worker/host.cpp); one that does not is read no faster, and waits.
constexpr unsigned kMessagesPerSecond = 2000;
// More than a socket's buffer holds: whoever writes on while these are read is not waited for.
constexpr int kMaxFinalMessages = 1024;
constexpr std::size_t kMaxLabelBytes = 4096;
constexpr std::chrono::milliseconds kStackGrace{200};  // to tell its stack
constexpr std::chrono::milliseconds kEndGrace{100};    // from the end of its socket to that of its process

log::Level level_of(std::uint32_t level) {
  switch (level) {
    case BERTH_DEBUG: return log::Level::debug;
    case BERTH_WARNING: return log::Level::warning;
    case BERTH_ERROR: return log::Level::error;
    default: return log::Level::info;
  }
}

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

// Limits that no kernel keeps are looked after so often; the scratch folder, which takes longer, each fourth time.
constexpr std::chrono::milliseconds kLookEvery{250};
constexpr unsigned kLooksPerFolder = 4;

// The first limit that a worker is beyond.
std::optional<Error> breach_of(const Usage& usage, const WorkerLimits& limits, std::uint64_t shared_bytes) {
  const auto beyond = [](std::string_view what, std::string_view key, std::uint64_t most) {
    return Error{Code::internal, std::string("the model's worker ")
                                     .append(what)
                                     .append(" than ")
                                     .append(key)
                                     .append(" allows (")
                                     .append(std::to_string(most))
                                     .append(")")};
  };
  if (usage.memory_bytes > limits.memory_bytes + shared_bytes) {
    return beyond("ran out of memory: it took more", "max_memory_bytes", limits.memory_bytes);
  }
  if (usage.threads > limits.threads) return beyond("started more threads", "max_threads", limits.threads);
  return std::nullopt;
}

std::string last_words(const std::string& tail) {
  const auto end = tail.find_last_not_of(" \n");
  return end == std::string::npos ? "" : "; it last printed: " + tail.substr(0, end + 1);
}

}  // namespace

std::string CrashName::get() {
  const Lock lock(mutex_);
  if (name_.empty()) name_ = new_crash_id(std::chrono::system_clock::now());
  return name_;
}

Result<std::shared_ptr<WorkerProcess>> WorkerProcess::start(std::shared_ptr<Supervisor> supervisor, const Spec& spec,
                                                            Events events) {
  std::shared_ptr<WorkerProcess> process(new WorkerProcess(std::move(supervisor), spec, std::move(events)));
  if (auto launched = process->launch(spec); !launched) return failure(launched.error());
  return process;
}

WorkerProcess::WorkerProcess(std::shared_ptr<Supervisor> supervisor, const Spec& spec, Events events)
    : supervisor_(std::move(supervisor)),
      source_(spec.source),
      crashes_(spec.crashes),
      limits_(spec.serving.limits),
      fetch_(spec.fetch),
      metrics_(spec.metrics),
      events_(std::move(events)),
      link_(std::make_shared<WorkerLink>()),
      packet_(std::make_unique<worker::Packet>()),
      side_rate_(kMessagesPerSecond) {}

WorkerProcess::~WorkerProcess() {
  std::error_code ignored;
  if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
}

Result<> WorkerProcess::launch(const Spec& spec) {
  auto control = worker::make_channel();
  auto side = worker::make_channel();
  if (!control || !side) return failure((control ? side : control).error());
  auto memory = worker::SharedMemory::create({spec.serving.max_input_bytes + worker::kMaxPacket, kMaxFetchBytes,
                                              spec.serving.max_output_bytes,
                                              crashes_ == nullptr ? 0 : sizeof(worker::CrashRecord)});
  if (!memory) return failure(memory.error());
  auto scratch = supervisor_->make_scratch();
  if (!scratch) return failure(scratch.error());
  scratch_ = *scratch;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure(Code::unavailable, std::string("pipe: ") + std::strerror(errno));
  UniqueFd reading(ends[0]), writing(ends[1]);

  const auto confinement = confinement_of(spec.source, spec.serving, scratch_);
  const auto threads = std::to_string(spec.serving.threads_per_worker);
  auto child = Child::spawn(
      {.program = spec.program,
       .args = {"--serve", std::to_string(control->second.get()), std::to_string(side->second.get()),
                std::to_string(memory->fd()), scratch_, worker::to_text(confinement)},
       .environment = {"OMP_NUM_THREADS=" + threads, "OPENBLAS_NUM_THREADS=" + threads, "MKL_NUM_THREADS=" + threads,
                       "TMPDIR=" + scratch_.string(), "HOME=" + scratch_.string()},
       .out = writing.get(),
       .err = writing.get(),
       .inherited = {control->second.get(), side->second.get(), memory->fd()}});
  if (!child) return failure(child.error());
  link_->output = std::make_shared<OutputPipe>(std::move(reading));
  memory->close_fd();
  child_ = std::move(*child);
  pid_ = child_.pid();
  link_->control = std::move(control->first);
  link_->memory = std::move(*memory);
  side_ = std::move(side->first);
  if (auto sent = send_load(spec); !sent) return failure(sent.error());

  auto& loop = supervisor_->loop();
  output_ = std::make_unique<OutputLog>(loop, link_->output, source_.name);
  // The watches keep it alive until it ended.
  side_watch_ = loop.watch(side_.get(), EPOLLIN,
                           [self = shared_from_this()](std::uint32_t events) { self->on_side_readable(events); });
  exit_watch_ = loop.watch(child_.pidfd(), EPOLLIN, [self = shared_from_this()](std::uint32_t) { self->on_exit(); });
  deadline_ = loop.call_after(spec.serving.load_timeout, [this] {
    refused_ = true;
    kill("it was not ready within load_timeout", Manner::ask);
  });
  shared_bytes_ = spec.serving.max_input_bytes + kMaxFetchBytes + spec.serving.max_output_bytes;
  look_at_usage();
  supervisor_->process_started();
  return {};
}

Result<> WorkerProcess::send_load(const Spec& spec) {
  worker::Load load;
  const auto plugin = (spec.source.copy != nullptr ? spec.source.copy->path() : spec.source.plugin).string(),
             package = spec.source.package.string(), scratch = scratch_.string();
  load.name = spec.source.name;
  load.version = spec.source.version;
  load.type = spec.source.type;
  load.plugin = plugin;
  load.package = package;
  load.config_json = spec.source.config_json;
  load.scratch = scratch;
  load.spin_us = static_cast<std::uint32_t>(spec.serving.spin.count());
  worker::Writer writer;
  worker::write(writer, load);
  return worker::send(side_.get(), worker::Message::load, writer.view(), &link_->memory.request(), worker::Wait::no);
}

void WorkerProcess::end(std::chrono::milliseconds grace) {
  link_->memory.request_stop();
  const auto sent = worker::send(link_->control.get(), worker::Message::end, {}, nullptr, worker::Wait::no);
  leaving_ = true;
  if (!sent || !ready_) return kill("ended");
  deadline_ = supervisor_->loop().call_after(grace, [this] { kill("it did not leave in time"); });
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
  manner == Manner::ask&& crashes_ != nullptr ? ask_for_stack() : kill_now(manner);
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

void WorkerProcess::take_side_messages() {
  for (int i = 0; i < kMaxFinalMessages && take_side_message(); ++i) {
  }
}

void WorkerProcess::on_side_readable(std::uint32_t events) {
  const bool gone = (events & (EPOLLHUP | EPOLLERR)) != 0;  // what is left has an end
  for (int i = 0; i < kMessagesPerTurn; ++i) {
    if (!side_rate_.admits() && !gone) {
      side_watch_.set_events(0);
      side_resumed_ = supervisor_->loop().call_after(std::chrono::seconds(1), [this] {
        if (side_watch_) side_watch_.set_events(EPOLLIN);
      });
      return;
    }
    if (!take_side_message()) return;
  }
}

bool WorkerProcess::take_side_message() {
  if (!side_watch_) return false;
  const auto got =
      worker::receive(side_.get(), *packet_, &link_->memory.response(), worker::Wait::no, worker::kMaxSaid);
  // All but what a model says of itself fits into a packet.
  const bool fits = packet_->type == worker::Message::ready || packet_->body.size() <= worker::kMaxPacket;
  if (got && fits && on_message()) return true;
  if (!got && got.error().code == Code::busy) return false;
  side_watch_.reset();
  // Gone is what its exit tells; anything else is a worker that nobody can talk to.
  if (got || got.error().code != Code::cancelled) kill("it sent a message that makes no sense", Manner::blame);
  return false;
}

// False: nonsense.
bool WorkerProcess::on_message() {
  worker::Reader reader(packet_->body);
  switch (packet_->type) {
    case worker::Message::ready: return !ready_ && on_ready();
    case worker::Message::failed:
      refused_ = true;
      kill(std::string(reader.text()));
      return true;
    case worker::Message::log: {
      const auto level = reader.number<std::uint32_t>();
      const auto request_ids = reader.text();
      const auto line = reader.text();
      if (reader.finished()) output_->say(level_of(level), request_ids.substr(0, kMaxLabelBytes), line);
      return reader.finished();
    }
    case worker::Message::fetch: {
      const auto id = reader.number<std::uint64_t>();
      const auto url = reader.text();
      if (reader.ok()) on_fetch(id, std::string(url));
      return reader.finished();
    }
    case worker::Message::progress: {
      worker::Progress progress;
      if (!worker::read(reader, progress)) return false;
      const bool is_object = json::parse(progress.details_json).has_value();
      if (events_.progress && std::isfinite(progress.fraction)) {
        events_.progress(
            {std::clamp(progress.fraction, 0.0, 1.0), is_object ? std::string(progress.details_json) : std::string()});
      }
      return true;
    }
    case worker::Message::metric: {
      worker::Metric metric;
      if (!worker::read(reader, metric)) return false;
      if (std::isfinite(metric.value)) metrics_->take(metric.kind, metric.name, metric.value);
      return true;
    }
    default: return false;
  }
}

bool WorkerProcess::on_ready() {
  worker::Reader reader(packet_->body);
  worker::Ready ready;
  if (!worker::read(reader, ready)) return false;
  auto description = read_description(ready);
  if (!description) {
    refused_ = true;
    kill(description.error().message);
    return true;
  }
  ready_ = true;
  deadline_.reset();
  if (events_.ready) events_.ready(std::move(*description));
  return true;
}

void WorkerProcess::on_fetch(std::uint64_t id, std::string url) {
  if (!fetch_) return send_fetched(id, failure({.message = "this server fetches nothing", .model_status = 501}));
  // It may have ended by the time the answer comes.
  fetch_(std::move(url), [weak = weak_from_this(), supervisor = supervisor_, id](Result<File> file) {
    supervisor->loop().post([weak, id, file = std::move(file)] {
      if (const auto self = weak.lock()) self->send_fetched(id, file);
    });
  });
}

void WorkerProcess::send_fetched(std::uint64_t id, const Result<File>& file) {
  worker::Fetched fetched;
  fetched.id = id;
  worker::Region& region = link_->memory.fetch();
  region.clear();
  if (file) {
    // A strange server's words: cut, so that the packet holds them.
    const auto label = [](std::string_view text) { return text.substr(0, kMaxLabelBytes); };
    fetched.file = {file->field, label(file->file_name), label(file->content_type), file->bytes.view()};
  } else {
    fetched.status = file.error().model_status.value_or(502);
    fetched.message = std::string_view(file.error().message).substr(0, kMaxLabelBytes);
  }
  worker::Writer writer;
  if (!worker::write_fetched(writer, region, fetched)) {
    return send_fetched(id, failure({.message = "what the URL holds is too large", .model_status = 413}));
  }
  // The plugin waits for it, and would for ever.
  const auto sent = worker::send(side_.get(), worker::Message::fetched, writer.view(), nullptr, worker::Wait::no);
  if (!sent) kill("it does not take the answers to its fetches", Manner::blame);
}

void WorkerProcess::look_at_usage() {
  next_look_ = supervisor_->loop().call_after(kLookEvery, [this] { look_at_usage(); });
  const auto usage = usage_of(pid_);
  if (!usage) return;
  auto breach = breach_of(*usage, limits_, shared_bytes_);
  if (!breach && ++looks_ % kLooksPerFolder == 0 && bytes_below(scratch_) > limits_.scratch_bytes) {
    breach = {Code::internal, "the model's worker wrote more than max_scratch_bytes allows (" +
                                  std::to_string(limits_.scratch_bytes) + ") to its scratch folder"};
  }
  const auto call = link_->call.load(std::memory_order_relaxed);
  if (call != std::exchange(watched_call_, call)) cpu_before_call_ = usage->cpu;
  if (!breach && call != 0 && usage->cpu - cpu_before_call_ > limits_.cpu_per_call) {
    breach = {Code::timeout, "the model took more CPU time than max_cpu_per_call allows"};
  }
  if (!breach) return;
  next_look_.reset();
  link_->verdict.say(*breach);
  // Where its time went is worth a moment; what it takes more of is not.
  kill(breach->message, breach->code == Code::timeout ? Manner::ask : Manner::blame);
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
  std::error_code ignored;
  std::filesystem::remove_all(std::exchange(scratch_, {}), ignored);
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
