// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/crash_text.h"
#include "cli/credential.h"
#include "cli/exit_code.h"

namespace berth::cli {
namespace {

struct Options {
  std::string url = "http://127.0.0.1:5000";
  std::string key_file;
  std::string id;
  bool json = false;
};

int run(const Options& options) {
  const auto key = find_key(options.key_file, options.url);
  if (!key) return fail(key.error().message.c_str(), kUsage);
  const auto client = Client::create(options.url, std::chrono::seconds(30), *key);
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const std::string path = "/v2/berth/crashes";
  const auto answer = client->get(options.id.empty() ? path : path + "/" + percent_encode(options.id));
  if (!answer) return fail(answer.error().message.c_str(), kFailed);
  if (answer->status == 404 && !options.id.empty()) {
    return fail(("there is no crash report " + options.id + " (any more)").c_str(), kFailed);
  }
  if (answer->status == 401 || answer->status == 403) {
    return fail((options.url + " shows this to admins: name a key by --key-file or $BERTH_API_KEY").c_str(), kFailed);
  }
  if (answer->status != 200) {
    return fail((options.url + " answered with status " + std::to_string(answer->status)).c_str(), kFailed);
  }
  const auto text = options.id.empty() ? format_crashes(answer->body) : format_crash(answer->body);
  if (!text) return fail(text.error().message.c_str(), kFailed);
  std::printf("%s", options.json ? (answer->body + "\n").c_str() : text->c_str());
  return kOk;
}

}  // namespace

void add_crashes(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("crashes", "List what made workers die, or show one report");
  const auto options = std::make_shared<Options>();
  command->add_option("--url", options->url, "The server to ask")->capture_default_str();
  add_key_option(*command, options->key_file);
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
