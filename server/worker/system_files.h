// SPDX-License-Identifier: Apache-2.0
// Which files of the system every confined worker may use, and which need what.
#pragma once

#include <string>
#include <vector>

namespace berth::worker {

// What the loader, the C library, OpenMP, BLAS libraries and LibTorch read. Not /usr or /etc as a whole: there are
// packages of other models below /usr/share, and names of users in /etc.
std::vector<std::string> system_files();
// What finding hosts and checking certificates takes besides.
std::vector<std::string> network_files();
// Programs, for workers that may start them.
std::vector<std::string> program_files();

// To read and write: /dev/null and its like, and GPUs.
std::vector<std::string> devices();
// What drivers of GPUs read besides; empty where there is none.
std::vector<std::string> device_files();

}  // namespace berth::worker
