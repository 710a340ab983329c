// SPDX-License-Identifier: Apache-2.0
// The commands: each adds itself to the command line and says what to run when it is chosen.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace berth::cli {

// Set by the command that the user chose; returns the exit code.
using Chosen = std::function<int()>;

void add_serve(CLI::App& app, Chosen& chosen);
void add_list(CLI::App& app, Chosen& chosen);
void add_describe(CLI::App& app, Chosen& chosen);
void add_rollout(CLI::App& app, Chosen& chosen);
void add_accounts(CLI::App& app, Chosen& chosen);
void add_records(CLI::App& app, Chosen& chosen);
void add_test(CLI::App& app, Chosen& chosen);
void add_predict(CLI::App& app, Chosen& chosen);
void add_new(CLI::App& app, Chosen& chosen);
void add_doctor(CLI::App& app, Chosen& chosen);
void add_pack(CLI::App& app, Chosen& chosen);
void add_unpack(CLI::App& app, Chosen& chosen);
void add_crashes(CLI::App& app, Chosen& chosen);

// "berth: message" on stderr, and `code`.
int fail(const char* message, int code);

}  // namespace berth::cli
