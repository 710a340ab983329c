// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/admin_request.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/crash_text.h"
#include "cli/exit_code.h"
#include "http/body.h"

namespace berth::cli {
namespace {

struct Options {
  ServerToAsk server;
  std::string id;
  bool json = false;
};

int run(const Options& options) {
  const auto client = open_client(options.server, std::chrono::seconds(30));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const std::string path = "/v2/berth/crashes";
  const auto body =
      look_at(*client, options.id.empty() ? path : path + "/" + http::percent_encode(options.id), "admins");
  if (!body && body.error().code == Code::not_found && !options.id.empty()) {
    return fail(("there is no crash report " + options.id + " (any more)").c_str(), kFailed);
  }
  if (!body) return fail(body.error().message.c_str(), kFailed);
  const auto text = options.id.empty() ? format_crashes(*body) : format_crash(*body);
  if (!text) return fail(text.error().message.c_str(), kFailed);
  std::printf("%s", options.json ? (*body + "\n").c_str() : text->c_str());
  return kOk;
}

}  // namespace

void add_crashes(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("crashes", "List what made workers die, or show one report");
  const auto options = std::make_shared<Options>();
  add_server_to_ask(*command, options->server);
  command->add_option("id", options->id, "Show this report: an answer, the log and the list name it")->type_name("ID");
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "For admins. docs/crashes.md explains what is in a report.\n\n"
      "Examples:\n"
      "  berth crashes\n"
      "  berth crashes 20261122T041500-ab12cd34\n"
      "  berth crashes --url http://127.0.0.1:8080 --json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
