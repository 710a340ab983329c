// SPDX-License-Identifier: Apache-2.0
#include "hosting/fork_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <future>
#include <thread>
#include <utility>

#include "base/log.h"
#include "hosting/library_copies.h"
#include "hosting/model.h"
#include "hosting/priority.h"
#include "worker/channel.h"
#include "worker/fork_protocol.h"

namespace berth::hosting {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kOpenTimeout{60};
constexpr timeval kAnswerTimeout{.tv_sec = 5, .tv_usec = 0};  // a fork takes milliseconds
constexpr int kLookUpEvery = 100;                             // milliseconds, to see whether it is still wanted
constexpr int kDeferredFor = 50;                              // milliseconds
constexpr std::size_t kMaxPrinted = 4096;

// What libraries print when they are opened goes to `printed`. Its own words on the socket: "" = they are open.
Result<std::string> first_words(int socket, const UniqueFd& output, std::string& printed, Clock::time_point deadline,
                                const std::atomic<bool>* stop) {
  std::array<pollfd, 2> watched{{{socket, POLLIN, 0}, {output.get(), POLLIN, 0}}};
  std::array<char, 4096> buffer;
  const auto read_some = [&] {
    const auto size = ::read(output.get(), buffer.data(), buffer.size());
    if (size > 0 && printed.size() < kMaxPrinted) printed.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0;
  };
  while (watched[0].revents == 0) {
    if (Clock::now() > deadline) return failure(Code::timeout, "they could not be opened in time");
    if (stop != nullptr && *stop) return failure(Code::cancelled, "nobody wants it any more");
    if (::poll(watched.data(), watched.size(), kLookUpEvery) <= 0) continue;
    if (watched[1].revents != 0 && !read_some()) watched[1].fd = -1;
  }
  (void)read_some();
  const auto packet = worker::receive_packet(socket);
  if (!packet) return failure(Code::unavailable, "the process that opened them died");
  return std::string(worker::Reader(packet->bytes).text());
}

}  // namespace

Result<std::shared_ptr<ForkServer>> ForkServer::start(const std::filesystem::path& worker_program, const Kind& kind,
                                                      std::chrono::milliseconds timeout,
                                                      const std::atomic<bool>* stop) {
  auto channel = worker::make_channel();
  int ends[2];
  if (!channel || ::pipe2(ends, O_CLOEXEC) != 0) return failure(Code::busy, "no descriptors left");
  auto& [own, its] = *channel;
  const UniqueFd output(ends[0]);
  UniqueFd printing(ends[1]);
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  SpawnOptions options{.program = worker_program,
                       .args = {"--fork", std::to_string(its.get())},
                       .environment = kind.environment,
                       .out = printing.get(),
                       .err = printing.get(),
                       .inherited = {its.get()}};
  for (const auto& library : kind.libraries) options.args.push_back(library.string());
  auto process = Child::spawn(options);
  if (!process) return failure(Code::busy, process.error().message);
  its.reset();
  printing.reset();
  std::string printed;
  const auto problem = first_words(own.get(), output, printed, Clock::now() + timeout, stop);
  if (!printed.empty()) log::info("libraries print when they are opened: " + printed, {.component = "hosting"});
  if (!problem) return failure(problem.error());
  if (!problem->empty()) return failure(Code::unavailable, *problem);
  ::setsockopt(own.get(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerTimeout, sizeof(kAnswerTimeout));
  return std::shared_ptr<ForkServer>(new ForkServer(std::move(*process), std::move(own)));
}

bool ForkServer::is_gone() const {
  pollfd watched{process_.pidfd(), POLLIN, 0};
  return is_given_up_ || ::poll(&watched, 1, 0) > 0;
}

// cancelled: nobody knows whether it did what was asked. There is no telling either which question the next answer
// would be to: it is ended.
Result<ForkServer::Answer> ForkServer::ask(std::string_view question, const std::vector<int>& fds, bool yields) {
  const Lock lock(mutex_);
  if (is_gone()) return failure(Code::unavailable, "it is gone");
  std::optional<Deferring> deferring;
  if (yields) deferring.emplace(process_.pid());
  if (auto sent = worker::send_packet(socket_.get(), question, fds); !sent)
    return failure(Code::unavailable, sent.error().message);
  // Others wait for it, too: it defers for a moment at most.
  pollfd watched{socket_.get(), POLLIN, 0};
  if (deferring && ::poll(&watched, 1, kDeferredFor) == 0) deferring.reset();
  auto packet = worker::receive_packet(socket_.get());
  if (packet) return Answer{std::move(packet->bytes), std::move(packet->fds)};
  is_given_up_ = true;
  process_.kill();
  log::warning(
      "a process that workers are forked from is gone, and they are started instead: " + packet.error().message,
      {.component = "hosting"});
  return failure(Code::cancelled, packet.error().message);
}

Result<ForkServer::Forked> ForkServer::fork(const SpawnOptions& options) {
  worker::ForkRequest request{options.args, options.environment, {1, 2}};
  std::vector<int> fds{options.out, options.err};
  for (const int fd : options.inherited) {
    request.numbers.push_back(fd);
    fds.push_back(fd);
  }
  worker::Writer question;
  question.number(static_cast<std::uint8_t>(worker::ForkQuestion::fork));
  write(question, request);
  // To fork LibTorch takes milliseconds of processor time.
  auto answer = ask(question.view(), fds, options.yields);
  if (!answer) return failure(answer.error());
  worker::Reader reader(answer->bytes);
  const int pid = reader.number<int>();
  const auto problem = reader.text();
  if (pid <= 0) return failure(Code::unavailable, "cannot fork: " + std::string(problem));
  if (answer->fds.size() != 1) {  // there was no room for it here
    ::kill(pid, SIGKILL);
    while (!reap(pid) && !is_gone()) std::this_thread::yield();
    return failure(Code::unavailable, "cannot watch a process: no descriptors left");
  }
  return Forked{pid, std::move(answer->fds.front())};
}

std::optional<Exit> ForkServer::reap(int pid) {
  worker::Writer question;
  question.number(static_cast<std::uint8_t>(worker::ForkQuestion::reap));
  question.number(pid);
  const auto answer = ask(question.view(), {}, false);
  if (!answer) return std::nullopt;
  worker::Reader reader(answer->bytes);
  Exit exit;
  const bool has_ended = reader.number<std::uint8_t>() != 0;
  exit.code = reader.number<int>();
  exit.signal = reader.number<int>();
  return has_ended ? std::optional(exit) : std::nullopt;
}

ForkServers::ForkServers(std::filesystem::path worker_program)
    : worker_program_(std::move(worker_program)), starter_({.name = "berth-forks"}) {}

std::shared_ptr<ForkServer> ForkServers::get(const LibraryCopy& library, const ServingOptions& serving,
                                             const std::atomic<bool>& stop) {
  if (!serving.fork_server) return nullptr;
  const auto& system = library.system_libraries();
  const ForkServer::Kind kind{system.files, system.fingerprint, thread_environment(serving)};
  if (auto found = find(kind); found != nullptr) return found;
  std::promise<std::shared_ptr<ForkServer>> promise;
  auto future = promise.get_future();
  if (!starter_.post([&] { promise.set_value(find_or_start(kind, stop)); })) return nullptr;
  return future.get();
}

std::shared_ptr<ForkServer> ForkServers::find(const ForkServer::Kind& kind) {
  const Lock lock(mutex_);
  const auto found = running_.find(kind);
  return found == running_.end() || found->second->is_gone() ? nullptr : found->second;
}

// On the one thread that starts any.
std::shared_ptr<ForkServer> ForkServers::find_or_start(const ForkServer::Kind& kind, const std::atomic<bool>& stop) {
  if (auto found = find(kind); found != nullptr) return found;
  {
    const Lock lock(mutex_);
    if (impossible_.contains(kind)) return nullptr;
  }
  auto started = ForkServer::start(worker_program_, kind, kOpenTimeout, &stop);
  const Lock lock(mutex_);
  if (started) return running_.insert_or_assign(kind, std::move(*started)).first->second;
  running_.erase(kind);
  if (started.error().code == Code::unavailable || started.error().code == Code::timeout) {
    impossible_.insert(kind);
    log::info("workers are started, not forked: " + started.error().message, {.component = "hosting"});
  }
  return nullptr;
}

void ForkServers::forget_problems() {
  const Lock lock(mutex_);
  impossible_.clear();
}

void ForkServers::end_unused() {
  const Lock lock(mutex_);
  std::erase_if(running_, [](const auto& item) { return item.second.use_count() == 1; });
}

}  // namespace berth::hosting
