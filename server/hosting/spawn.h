// SPDX-License-Identifier: Apache-2.0
// Child: a process that the server started, and how it ended.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::hosting {

class ForkServer;

struct Exit {
  int code = 0;
  int signal = 0;        // 0: it left by itself
  bool is_known = true;  // false: nobody could see it
};
std::string to_string(const Exit& exit);  // "exited with 1", "killed by signal 11 (Segmentation fault)"

struct SpawnOptions {
  std::filesystem::path program;
  std::vector<std::string> args = {};         // without the program's name
  std::vector<std::string> environment = {};  // besides the safe part of the server's own
  int out = -1;                               // becomes stdout
  int err = -1;                               // becomes stderr
  std::vector<int> inherited = {};            // keep their numbers
  // From which it is forked, where that can be; its program is `program`, and its environment the safe part. Null: none
  std::shared_ptr<ForkServer> fork_server = {};
  bool yields = false;  // to what serves, from its first moment on (priority.h)
};

// Leads a process group of its own. Ended and reaped at the latest when this is destroyed.
class Child {
 public:
  // Forked by the fork server, which has one thread, or by posix_spawn: never by fork alone, for the server has
  // several. stdin is /dev/null, every signal is as it should be. unavailable; cancelled: there may be one that nobody
  // knows, which has what it was to inherit.
  static Result<Child> spawn(const SpawnOptions& options);

  Child() = default;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  int pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }  // readable once it ended
  void kill();                                // it and what it started
  // How it ended; nothing while it runs. What it started and left behind is killed.
  std::optional<Exit> reap(bool wait = false);

 private:
  static Result<Child> start(const SpawnOptions& options);
  bool has_ended(bool wait) const;
  std::optional<Exit> reap_own(bool wait);
  std::optional<Exit> reap_forked(bool wait);

  int pid_ = 0;  // 0: none, or reaped
  UniqueFd pidfd_;
  std::shared_ptr<ForkServer> parent_;  // null: this process is
};

// The part of the server's environment that a plugin may see: where to find libraries, the locale, and nothing that
// may be a secret.
std::vector<std::string> safe_environment();

}  // namespace berth::hosting
