// SPDX-License-Identifier: Apache-2.0
// What an admin does with users, keys, tokens and the audit log of a running server: user, key, token, audit.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "base/json.h"
#include "cli/admin_request.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "http/body.h"

namespace berth::cli {
namespace {

struct Options {
  ServerToAsk server;
  std::string user;  // a name or an id
  std::string id;    // of a key
  std::string name;
  std::optional<std::string> email, role, rights, quota, expires;
  bool read_password = false;
  bool enable = false, disable = false;
};

// {"email":"…",…} of what was given.
Result<std::string> change_json(const Options& options) {
  std::string text = "{";
  const auto add = [&text](std::string_view name, const std::string& value) {
    text.append(text.size() > 1 ? "," : "").append(json::quote(name)).append(":").append(value);
  };
  if (!options.name.empty())
    add(options.id.empty() && options.user.empty() ? "username" : "name", json::quote(options.name));
  if (options.read_password) {
    std::string password;
    if (!std::getline(std::cin, password)) return failure(Code::invalid_argument, "there is no password on stdin");
    add("password", json::quote(password));
  }
  if (options.email) add("email", json::quote(*options.email));
  if (options.role) add("role", json::quote(*options.role));
  if (options.rights) add("rights", *options.rights);
  if (options.quota) add("quota", *options.quota);
  if (options.expires) add("expires", *options.expires == "never" ? "null" : json::quote(*options.expires));
  if (options.enable) add("enabled", "true");
  if (options.disable) add("enabled", "false");
  return text += '}';
}

using Request = Result<Asked> (*)(const Client&, const Options&);

int run(const Options& options, Request request) {
  const auto client = open_client(options.server, std::chrono::seconds(60));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto asked = request(*client, options);
  if (!asked) return fail(asked.error().message.c_str(), kFailed);
  return print(ask(*client, *asked));
}

// Whether the log is whole is an exit code, too.
int verify_audit(const Options& options) {
  const auto client = open_client(options.server, std::chrono::minutes(10));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto answer = ask(*client, {"GET", "/v2/berth/audit/verify"});
  const auto verdict = answer ? json::parse(*answer) : json::Document();
  const auto* altered = verdict ? json::find(*verdict, "first_altered") : nullptr;
  if (altered != nullptr)
    return fail(("entry " + json::to_text(*altered) + " is not as it was written").c_str(), kFailed);
  return print(answer);
}

Result<Asked> about_user(const Client& client, const Options& options, std::string method, const std::string& rest,
                         bool with_change) {
  const auto id = id_of_user(client, options.user);
  if (!id) return tl::unexpected<Error>(id.error());
  auto change = with_change ? change_json(options) : Result<std::string>("");
  if (!change) return tl::unexpected<Error>(change.error());
  return Asked{std::move(method), "/v2/berth/users/" + *id + rest, std::move(*change)};
}

CLI::App* add(CLI::App& group, Chosen& chosen, const char* name, const char* help,
              const std::shared_ptr<Options>& options, Request request) {
  auto* command = group.add_subcommand(name, help);
  add_server_to_ask(*command, options->server);
  command->callback([options, request, &chosen] { chosen = [options, request] { return run(*options, request); }; });
  return command;
}

void add_user_argument(CLI::App& command, Options& options) {
  command.add_option("user", options.user, "The user, by name or id")->required()->type_name("USER");
}

void add_user_changes(CLI::App& command, Options& options) {
  command.add_option("--email", options.email, "Their address");
  command.add_option("--role", options.role, "viewer, user or admin");
  command.add_option("--rights", options.rights, R"(By model: '{"*":["predict"],"digits":["predict","manage"]}')");
  command.add_option("--quota", options.quota, R"('{"requests_per_second":5}')");
  command.add_flag("--password", options.read_password, "Read a password, one line, from stdin");
}

void add_switches(CLI::App& command, Options& options) {
  auto* enable = command.add_flag("--enable", options.enable, "Let them in again");
  command.add_flag("--disable", options.disable, "Keep them out, from now on")->excludes(enable);
}

void add_user_commands(CLI::App& app, Chosen& chosen, const std::shared_ptr<Options>& options) {
  auto* user = app.add_subcommand("user", "Users: add, change, remove, list")->require_subcommand(1);
  user->footer(
      "Examples:\n  berth user add ada --role user --rights '{\"digits\":[\"predict\"]}'\n"
      "  echo 'correct horse' | berth user change ada --password\n  berth user change ada --disable");
  add(*user, chosen, "list", "All users, as JSON", options, [](const Client&, const Options&) -> Result<Asked> {
    return Asked{"GET", "/v2/berth/users"};
  });
  auto* added = add(*user, chosen, "add", "Add one", options, [](const Client&, const Options& o) -> Result<Asked> {
    auto change = change_json(o);
    if (!change) return tl::unexpected<Error>(change.error());
    return Asked{"POST", "/v2/berth/users", std::move(*change)};
  });
  added->add_option("name", options->name, "Their name")->required()->type_name("NAME");
  add_user_changes(*added, *options);
  auto* changed = add(*user, chosen, "change", "Change one", options,
                      [](const Client& c, const Options& o) { return about_user(c, o, "PATCH", "", true); });
  add_user_argument(*changed, *options);
  add_user_changes(*changed, *options);
  add_switches(*changed, *options);
  auto* removed = add(*user, chosen, "remove", "Remove one, with their keys", options,
                      [](const Client& c, const Options& o) { return about_user(c, o, "DELETE", "", false); });
  add_user_argument(*removed, *options);
}

void add_key_commands(CLI::App& app, Chosen& chosen, const std::shared_ptr<Options>& options) {
  auto* key = app.add_subcommand("key", "API keys: make, change, remove, list")->require_subcommand(1);
  key->footer(
      "A key is shown once, when it is made.\n\nExamples:\n  berth key add ada laptop --expires 2027-01-01T00:00:00Z\n"
      "  berth key list ada\n  berth key change 7 --disable");
  auto* listed = add(*key, chosen, "list", "A user's keys, as JSON", options,
                     [](const Client& c, const Options& o) { return about_user(c, o, "GET", "/keys", false); });
  add_user_argument(*listed, *options);
  auto* added = add(*key, chosen, "add", "Make one", options,
                    [](const Client& c, const Options& o) { return about_user(c, o, "POST", "/keys", true); });
  add_user_argument(*added, *options);
  added->add_option("name", options->name, "What it is for")->required()->type_name("NAME");
  auto* changed =
      add(*key, chosen, "change", "Change one", options, [](const Client&, const Options& o) -> Result<Asked> {
        auto change = change_json(o);
        if (!change) return tl::unexpected<Error>(change.error());
        return Asked{"PATCH", "/v2/berth/keys/" + http::percent_encode(o.id), std::move(*change)};
      });
  changed->add_option("id", options->id, "Its id")->required()->type_name("ID");
  changed->add_option("--name", options->name, "What it is for");
  add_switches(*changed, *options);
  for (auto* command : {added, changed}) {
    command->add_option("--rights", options->rights, "What it may do of what its user may");
    command->add_option("--quota", options->quota, R"('{"requests_per_second":5}')");
    command->add_option("--expires", options->expires, "2027-01-01T00:00:00Z, or never");
  }
  auto* removed =
      add(*key, chosen, "remove", "Remove one", options, [](const Client&, const Options& o) -> Result<Asked> {
        return Asked{"DELETE", "/v2/berth/keys/" + http::percent_encode(o.id)};
      });
  removed->add_option("id", options->id, "Its id")->required()->type_name("ID");
}

}  // namespace

void add_accounts(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  add_user_commands(app, chosen, options);
  add_key_commands(app, chosen, options);
  auto* token = add(app, chosen, "token", "Make a token for a user", options,
                    [](const Client& c, const Options& o) { return about_user(c, o, "POST", "/token", false); });
  add_user_argument(*token, *options);
  auto* audit = app.add_subcommand("audit", "The audit log: list, verify")->require_subcommand(1);
  add(*audit, chosen, "list", "The newest entries, as JSON", options,
      [](const Client&, const Options&) -> Result<Asked> {
        return Asked{"GET", "/v2/berth/audit"};
      });
  auto* verify = audit->add_subcommand("verify", "Whether it is whole; names the first entry that was altered");
  add_server_to_ask(*verify, options->server);
  verify->callback([options, &chosen] { chosen = [options] { return verify_audit(*options); }; });
}

}  // namespace berth::cli
