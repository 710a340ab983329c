// SPDX-License-Identifier: Apache-2.0
// Credential: which key a command shows to the server that it asks.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/client.h"

namespace CLI {
class App;
}

namespace berth::cli {

// Adds --key-file, which fills `key_file`.
void add_key_option(CLI::App& command, std::string& key_file);

// The key in that file, or in $BERTH_API_KEY. Where neither is given and the server is on this machine, the first
// admin's as a guess, if it can be read. Errors as identity::read_secret's.
Result<Key> find_key(const std::string& key_file, const std::string& url);

}  // namespace berth::cli
