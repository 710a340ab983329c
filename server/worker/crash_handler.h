// SPDX-License-Identifier: Apache-2.0
// CrashHandler: makes what ends this process write into its CrashRecord before it ends it.
#pragma once

#include <signal.h>

#include <string_view>

#include "worker/crash_record.h"

namespace berth::worker {

// Asks the worker's own thread where it is: it writes its stack and kills itself.
inline int where_are_you_signal() { return SIGRTMIN + 7; }

// For signals that end a process, std::terminate, exit() and where_are_you_signal(). Call once, on the thread that
// will run the plugin: this one's handlers have a stack of their own. `record` must stay.
void tell_ends_in(CrashRecord& record);

// Without tell_ends_in() these do nothing.
void note_doing(Doing doing);
// Why the worker is about to leave.
void note_why(std::string_view why);
// note_why, for a plugin that closes every descriptor, ours among them.
void note_closed_descriptor();

}  // namespace berth::worker
