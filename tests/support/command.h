// SPDX-License-Identifier: Apache-2.0
// Commands as a user gives them to a shell: what they print and what they end with.
#pragma once

#include <stdio.h>
#include <sys/wait.h>

#include <array>
#include <string>

namespace berth::test {

struct Ended {
  int code = -1;  // 128 + the signal's number where one ended it
  std::string output;
};

// stdout; stderr too where the command says 2>&1.
inline Ended run(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return {};
  Ended ended;
  std::array<char, 4096> buffer;
  for (std::size_t size = 0; (size = ::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    ended.output.append(buffer.data(), size);
  }
  const int status = ::pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace berth::test
