// SPDX-License-Identifier: Apache-2.0
#include "hosting/worker_process.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "hosting/confinement.h"
#include "hosting/file_identity.h"
#include "hosting/library_copies.h"
#include "hosting/usage.h"
#include "hosting/written_package.h"
#include "worker/crash_handler.h"

namespace berth::hosting {
namespace {

constexpr const char* kNewPackage = "new_package";
constexpr std::size_t kMaxFetchBytes = 128UL * 1024 * 1024;
// An honest worker keeps well below it (worker/host.cpp); one that does not is read no faster, and waits.
constexpr unsigned kMessagesPerSecond = 2000;
constexpr unsigned kProgressPerSecond = 100;  // an honest worker tells half of it

}  // namespace

std::vector<std::string> thread_environment(const ServingOptions& serving) {
  std::vector<std::string> environment;
  for (const auto* const name : {"OMP_NUM_THREADS=", "OPENBLAS_NUM_THREADS=", "MKL_NUM_THREADS="}) {
    environment.push_back(name + std::to_string(serving.threads_per_worker));
  }
  return environment;
}

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
      limits_(spec.serving.limits),
      crashes_(spec.crashes),
      fetch_(spec.fetch),
      metrics_(spec.metrics),
      events_(std::move(events)),
      link_(std::make_shared<WorkerLink>()),
      packet_(std::make_unique<worker::Packet>()),
      side_rate_(kMessagesPerSecond),
      progress_rate_(kProgressPerSecond),
      usage_watch_(spec.serving.limits, spec.serving.max_input_bytes + kMaxFetchBytes + spec.serving.max_output_bytes) {
}

WorkerProcess::~WorkerProcess() { remove_scratch(); }

void WorkerProcess::remove_scratch() {
  const auto scratch = std::exchange(scratch_, {});
  if (!scratch.empty() && !gave_package_) supervisor_->remove_scratch(scratch);
}

Result<> WorkerProcess::make_new_package(const TrainingFolders& folders) {
  std::error_code error;
  const auto model = folders.models_dir / source_.name;
  const auto& taking = std::filesystem::exists(model, error) ? model : folders.models_dir;
  if (folders.models_dir.empty() || ::access(taking.c_str(), W_OK | X_OK) != 0) return {};
  models_dir_ = folders.models_dir;
  new_package_ = scratch_ / kNewPackage;
  if (std::filesystem::create_directory(new_package_, error)) return {};
  return failure(Code::unavailable, "cannot make " + new_package_.string() + ": " + error.message());
}

std::shared_ptr<NewPackage> WorkerProcess::take_package() {
  std::error_code error;
  if (new_package_.empty() || std::filesystem::is_empty(new_package_, error) || error) return nullptr;
  gave_package_ = true;
  return std::make_shared<WrittenPackage>(scratch_, new_package_, models_dir_, source_, limits_);
}

Result<> WorkerProcess::launch(const Spec& spec) {
  // A training answers nobody, and what it makes is tried in its turn.
  const bool serves = !spec.training && !spec.package_identity.empty();
  if (serves && tree_identity(spec.source.package) != spec.package_identity) {
    return failure(Code::conflict, "the files of its package changed after they were checked and tried");
  }
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
  if (spec.training) {
    if (auto made = make_new_package(*spec.training); !made) return made;
  }
  const std::vector<int> inherited = {control->second.get(), side->second.get(), memory->fd()};
  if (auto spawned = spawn(spec, inherited); !spawned) return spawned;
  memory->close_fd();
  link_->control = std::move(control->first);
  link_->memory = std::move(*memory);
  side_ = std::move(side->first);
  if (auto sent = send_load(spec); !sent) return failure(sent.error());
  attend(spec.serving.load_timeout);
  return {};
}

// `inherited`: its ends of the control and the side socket, and the memory.
Result<> WorkerProcess::spawn(const Spec& spec, const std::vector<int>& inherited) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure(Code::unavailable, std::string("pipe: ") + std::strerror(errno));
  UniqueFd reading(ends[0]), writing(ends[1]);
  auto confinement = confinement_of(spec.source, spec.serving, scratch_);
  if (spec.training && !spec.training->data_dir.empty()) {
    confinement.read.push_back(spec.training->data_dir.string());
  }
  std::vector<std::string> args = {"--serve"};
  for (const int fd : inherited) args.push_back(std::to_string(fd));
  args.push_back(scratch_.string());
  args.push_back(worker::to_text(confinement));
  auto environment = thread_environment(spec.serving);
  environment.push_back("TMPDIR=" + scratch_.string());
  environment.push_back("HOME=" + scratch_.string());
  auto child = Child::spawn({.program = spec.program,
                             .args = std::move(args),
                             .environment = std::move(environment),
                             .out = writing.get(),
                             .err = writing.get(),
                             .inherited = inherited,
                             .fork_server = spec.source.fork_server,
                             .yields = spec.yields});
  if (!child) return failure(child.error());
  link_->output = std::make_shared<OutputPipe>(std::move(reading));
  child_ = std::move(*child);
  pid_ = child_.pid();
  return {};
}

// From now on what it says and how it ends is seen, and that it loads in time.
void WorkerProcess::attend(std::chrono::milliseconds load_timeout) {
  auto& loop = supervisor_->loop();
  output_ = std::make_unique<OutputLog>(loop, link_->output, source_.name);
  // The watches keep it alive until it ended.
  side_watch_ = loop.watch(side_.get(), EPOLLIN,
                           [self = shared_from_this()](std::uint32_t events) { self->on_side_readable(events); });
  exit_watch_ = loop.watch(child_.pidfd(), EPOLLIN, [self = shared_from_this()](std::uint32_t) { self->on_exit(); });
  deadline_ = loop.call_after(load_timeout, [this] {
    refused_ = true;
    kill("it was not ready within load_timeout", Manner::ask);
  });
  look_at_usage();
  supervisor_->process_started();
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
  const auto new_package = new_package_.string();
  load.new_package = new_package;
  if (spec.training) load.data = spec.training->data_dir.native();
  load.spin_us = static_cast<std::uint32_t>(spec.serving.spin.count());
  worker::Writer writer;
  worker::write(writer, load);
  return worker::send(side_.get(), worker::Message::load, writer.view(), &link_->memory.request(), worker::Wait::no);
}

void WorkerProcess::look_at_usage() {
  next_look_ = supervisor_->loop().call_after(UsageWatch::kEvery, [this] { look_at_usage(); });
  const auto usage = usage_of(pid_);
  if (!usage) return;
  auto breach = usage_watch_.look(*usage, scratch_, link_->call.load(std::memory_order_relaxed));
  if (!breach) return;
  next_look_.reset();
  link_->verdict.say(*breach);
  // Where its time went is worth a moment; what it takes more of is not.
  kill(breach->message, breach->code == Code::timeout ? Manner::ask : Manner::blame);
}

}  // namespace berth::hosting
