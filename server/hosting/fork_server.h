// SPDX-License-Identifier: Apache-2.0
// ForkServer: a process that has a plugin's libraries open, and from which its workers are forked. They start in the
// time that the plugin itself takes, and share the memory that its libraries take.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/task_threads.h"
#include "base/unique_fd.h"
#include "hosting/spawn.h"

namespace berth::hosting {

class LibraryCopy;
struct ServingOptions;

class ForkServer {
 public:
  // Equal ones make equal workers.
  struct Kind {
    std::vector<std::filesystem::path> libraries;  // that it opens, and with them all that they need
    std::string fingerprint;                       // of these files, as they are
    std::vector<std::string> environment;          // that libraries look at when they are opened
    bool operator<(const Kind& other) const {
      return std::tie(libraries, fingerprint, environment) <
             std::tie(other.libraries, other.fingerprint, other.environment);
    }
  };
  // unavailable: a library cannot be opened, or leaves behind what children cannot have of their own; timeout: it
  // cannot be opened in time; cancelled: `stop` became true; busy: the system has no room for it now. [any, blocks]
  static Result<std::shared_ptr<ForkServer>> start(const std::filesystem::path& worker_program, const Kind& kind,
                                                   std::chrono::milliseconds timeout, const std::atomic<bool>* stop);

  int pid() const { return process_.pid(); }
  // It forks no more; what it forked goes on.
  bool is_gone() const;  // [any]

  struct Forked {
    int pid = 0;
    UniqueFd pidfd;
  };
  // As Child::spawn, with `environment` besides its own. unavailable: it cannot, or is gone; cancelled: it went while
  // it may have been forking. [any]
  Result<Forked> fork(const SpawnOptions& options);
  // How one ended whose pidfd says that it did. None where this is gone: nobody knows then. [any]
  std::optional<Exit> reap(int pid);

 private:
  ForkServer(Child process, UniqueFd socket) : process_(std::move(process)), socket_(std::move(socket)) {}
  struct Answer {
    std::string bytes;
    std::vector<UniqueFd> fds;
  };
  Result<Answer> ask(std::string_view question, const std::vector<int>& fds, bool yields);

  Child process_;
  std::atomic<bool> is_given_up_ = false;
  Mutex mutex_;
  const UniqueFd socket_ BERTH_GUARDED_BY(mutex_);
};

// One of each kind that is needed.
class ForkServers {
 public:
  explicit ForkServers(std::filesystem::path worker_program);

  // From which workers of that library are forked; null where they are to be started: the options say so, or it cannot
  // be, which the log tells once. [any, blocks: for LibTorch half a second, once]
  std::shared_ptr<ForkServer> get(const LibraryCopy& library, const ServingOptions& serving,
                                  const std::atomic<bool>& stop);
  // Ends those that nobody else holds. [any, blocks]
  void end_unused();
  // What could not be is tried again. [any]
  void forget_problems();

 private:
  std::shared_ptr<ForkServer> find(const ForkServer::Kind& kind);
  std::shared_ptr<ForkServer> find_or_start(const ForkServer::Kind& kind, const std::atomic<bool>& stop);

  const std::filesystem::path worker_program_;
  Mutex mutex_;
  std::map<ForkServer::Kind, std::shared_ptr<ForkServer>> running_ BERTH_GUARDED_BY(mutex_);
  std::set<ForkServer::Kind> impossible_ BERTH_GUARDED_BY(mutex_);
  TaskThreads starter_;  // a thread with the server's own priority, which they hand on; last: it uses the others
};

}  // namespace berth::hosting
