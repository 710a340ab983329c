// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_request.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/exit_code.h"

namespace berth::cli {
namespace {

std::string reason_of(const Answer& answer) {
  const auto body = json::parse(answer.body);
  for (const auto* key : {"message", "error"}) {
    const auto* text = body ? json::find(*body, key) : nullptr;
    if (text != nullptr && text->IsString()) return std::string(json::view(*text));
  }
  return "it answered with status " + std::to_string(answer.status);
}

}  // namespace

CLI::Option* add_server_to_ask(CLI::App& command, ServerToAsk& server) {
  auto* url = command.add_option("--url", server.url, "The server to ask")->capture_default_str();
  add_key_option(command, server.key_file);
  return url;
}

Result<Client> open_client(const ServerToAsk& server, std::chrono::seconds timeout) {
  auto key = find_key(server.key_file, server.url);
  if (!key) return tl::unexpected<Error>(key.error());
  return Client::create(server.url, timeout, std::move(*key));
}

Result<std::string> ask(const Client& client, const Asked& asked) {
  auto answer = client.send(asked.method, asked.path, asked.json);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status < 300) return std::move(answer->body);
  return failure(Code::internal, reason_of(*answer));
}

Result<std::string> look_at(const Client& client, const std::string& path, const std::string& to_whom) {
  auto answer = client.get(path);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status == 200) return std::move(answer->body);
  if (answer->status == 401 || answer->status == 403) {
    return failure(Code::forbidden,
                   client.url() + " shows this to " + to_whom + ": name a key by --key-file or $BERTH_API_KEY");
  }
  return failure(answer->status == 404 ? Code::not_found : Code::internal,
                 client.url() + " answered with status " + std::to_string(answer->status));
}

Result<std::string> id_of_user(const Client& client, const std::string& user) {
  const bool may_be_id = user.find_first_not_of("0123456789") == user.npos;
  auto all = ask(client, {"GET", "/v2/berth/users"});
  if (!all && !may_be_id) return all;
  if (!all) return user;  // not everybody may see who there is
  const auto users = json::parse(*all);
  if (users && users->IsArray()) {
    for (const auto& each : users->GetArray()) {
      const auto* name = json::find(each, "username");
      if (name != nullptr && name->IsString() && json::view(*name) == user) return json::to_text(each["id"]);
    }
  }
  if (may_be_id) return user;  // that nobody is called
  return failure(Code::not_found, "there is no user " + user);
}

int print(const Result<std::string>& body) {
  if (!body) return fail(body.error().message.c_str(), kFailed);
  if (!body->empty()) std::printf("%s\n", body->c_str());
  return kOk;
}

}  // namespace berth::cli
