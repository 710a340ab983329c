// SPDX-License-Identifier: Apache-2.0
// What this process does to itself before any of the plugin's code runs.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace berth::worker {

// Moves a descriptor out of the way of 0–2 and of what a plugin might guess; close-on-exec.
UniqueFd move_high(int fd);

// Closes every descriptor above 2 but these.
void close_all_but(std::vector<int> kept);

// Ctrl-C and a service manager's SIGTERM are the server's to hear: it lets running calls finish, then ends its workers.
void ignore_terminal_signals();

// Nothing that this process starts may gain privileges.
void give_up_privileges();

// Starts a thread that ends this process, and empties `scratch`, when the server is gone.
void leave_with_server(int socket, std::string scratch);

}  // namespace berth::worker
