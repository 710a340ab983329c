// SPDX-License-Identifier: Apache-2.0
// The command line `berth`: finds the command that was asked for and runs it.
#pragma once

namespace berth::cli {

// The program's whole life; returns its exit code (exit_code.h). Call from the main thread, before there are others.
int run(int argc, char** argv);

}  // namespace berth::cli
