// SPDX-License-Identifier: Apache-2.0
// Fork server: this process as the one that workers are forked from, with the libraries open that they all need.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace berth::worker {

// Opens the libraries, tells the server on `socket` that it did or why not, and then forks for each that it asks for
// (worker/fork_protocol.h). Returns in a child only: with the arguments that it is to run with, its descriptors and its
// environment as they were asked for. The process itself ends here, at the latest when the server hangs up.
// A library that starts threads when it is opened is refused: a child would be without them.
std::vector<std::string> serve_forks(int socket, std::span<const std::string> libraries);

}  // namespace berth::worker
