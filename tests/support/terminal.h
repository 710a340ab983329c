// SPDX-License-Identifier: Apache-2.0
// Terminal: in place of stderr while it lives, so that a test sees what a person at one would.
#pragma once

#include <pty.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "base/unique_fd.h"

namespace berth::test {

class Terminal {
 public:
  Terminal() {
    int reading = -1, writing = -1;
    if (::openpty(&reading, &writing, nullptr, nullptr, nullptr) != 0) throw std::runtime_error("no terminal");
    reading_.reset(reading);
    ::dup2(writing, STDERR_FILENO);
    ::close(writing);
  }
  ~Terminal() { leave(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // All that was written; stderr is again what it was.
  std::string text() {
    leave();  // and so there is an end to what can be read
    std::string text;
    std::array<char, 256> part{};
    for (ssize_t size = 0; (size = ::read(reading_.get(), part.data(), part.size())) > 0;) {
      text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  void leave() { ::dup2(before_.get(), STDERR_FILENO); }

  UniqueFd before_{::dup(STDERR_FILENO)};
  UniqueFd reading_;
};

}  // namespace berth::test
