// SPDX-License-Identifier: Apache-2.0
// AdminRequest: what most commands do: ask a running server something, with a key, and tell its answer or its reason.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "cli/client.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace berth::cli {

struct ServerToAsk {
  std::string url = "http://127.0.0.1:5000";
  std::string key_file = {};
};
// Adds --url, which is returned, and --key-file.
CLI::Option* add_server_to_ask(CLI::App& command, ServerToAsk& server);

// A client that shows the key that find_key finds. Errors: as find_key's and Client::create's, all of them the
// caller's.
Result<Client> open_client(const ServerToAsk& server, std::chrono::seconds timeout);

struct Asked {
  std::string method;
  std::string path;
  std::string json = {};
};
// The answer's body; where the server refuses, its own words, whichever dialect says them. Errors besides: as
// Client::send's.
Result<std::string> ask(const Client& client, const Asked& asked);

// The body of what the server shows to some only, which `to_whom` ("admins") names where it does not. not_found: 404.
Result<std::string> look_at(const Client& client, const std::string& path, const std::string& to_whom);

// The id of a user who is named so, or else by it: a name may be of digits alone. not_found; else as ask.
Result<std::string> id_of_user(const Client& client, const std::string& user);

// Prints the body, if there is one, or why there is none; the exit code.
int print(const Result<std::string>& body);

}  // namespace berth::cli
