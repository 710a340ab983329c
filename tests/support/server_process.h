// SPDX-License-Identifier: Apache-2.0
// ServerProcess: the real `berth serve`, started for a test on a free port and ended with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/temp_folder.h"

namespace berth::test {

class ServerProcess {
 public:
  struct Options {
    std::vector<std::filesystem::path> plugins =
        {};                                   // libraries to serve, linked into a plugins folder of the test's own
    std::filesystem::path models_dir = {};    // may be empty
    std::string config = {};                  // more of berth.yaml
    std::vector<std::string> arguments = {};  // more of the command line
  };

  // Starts it and waits until its models are ready or unavailable; throws std::runtime_error with its log where it does
  // not.
  explicit ServerProcess(const Options& options);
  ~ServerProcess();  // SIGTERM, and SIGKILL to one that does not end
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  HttpClient client() const { return HttpClient(port_); }
  // One who is the first admin.
  HttpClient admin() const;
  std::string admin_key() const;
  std::string log() const { return read_file(folder_ / "stderr"); }
  const TempFolder& folder() const { return folder_; }

  void signal(int number) const;
  // Waits for its end; its exit code, 128 + signal where a signal ended it, -1 where it still runs after `timeout`.
  int wait(std::chrono::milliseconds timeout);

  // The processes that it started, or that these did, and that still run.
  std::vector<pid_t> processes() const;
  // Of these, those that are not there to fork others.
  std::vector<pid_t> workers() const;

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::uint16_t port_ = 0;
};

// Resident memory of a process, in bytes.
std::size_t resident_bytes(pid_t pid);
// Those of its database apart: connections open and close files as its work comes.
std::size_t open_descriptors(pid_t pid);

}  // namespace berth::test
