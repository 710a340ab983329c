// SPDX-License-Identifier: Apache-2.0
// Priority: who waits where there is too little processor for all: calls come before what is being prepared.
#pragma once

namespace berth::hosting {

// The server's own threads that prepare: a tenth of what a call gets of a processor that both want. Of an idle one
// everybody gets all.
inline constexpr int kPreparing = 10;

// A process, and all that it has started, gets only what nobody else wants of a processor, and leaves it at once to
// whoever wakes up: for a worker that starts beside what serves. Not for long, or on a busy machine it would never be
// ready. Best effort. [any]
void yield_processor(int pid);
// As it was before.
void take_processor(int pid);

// Whether a process that yields gets so little that it had better not: it has waited for a processor much longer than
// it had one. [any]
bool is_starving(int pid);

// Whether take_processor() undoes yield_processor() here: only CAP_SYS_NICE, or a limit on niceness (RLIMIT_NICE) that
// allows the server's own (20 where it is not nice), lets a process have its share again. [any]
bool can_take_processor();

// For the calling thread and all that it starts from now on; for good.
void lower_own_priority(int by);

}  // namespace berth::hosting
