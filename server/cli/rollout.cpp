// SPDX-License-Identifier: Apache-2.0
// What an admin does to the models of a running server: load, unload, promote, rollback, label, rollout.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/json.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/exit_code.h"

namespace berth::cli {
namespace {

constexpr std::chrono::minutes kPatience{15};  // for a model to load

struct Options {
  std::string url = "http://127.0.0.1:5000";
  std::string key_file;
  std::string model;
  std::string version;
  std::string label;
  double percent = 0;
  bool remove = false;
};

struct Asked {
  std::string method;
  std::string path;
  std::string json = {};
};

// The server's own words where it refuses, whichever dialect says them.
std::string reason_of(const Answer& answer) {
  const auto body = json::parse(answer.body);
  for (const auto* key : {"message", "error"}) {
    const auto* text = body ? json::find(*body, key) : nullptr;
    if (text != nullptr && text->IsString()) return std::string(json::view(*text));
  }
  return "it answered with status " + std::to_string(answer.status);
}

int ask(const Options& options, const Asked& asked) {
  const auto key = find_key(options.key_file, options.url);
  if (!key) return fail(key.error().message.c_str(), kUsage);
  const auto client = Client::create(options.url, kPatience, *key);
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto answer = client->send(asked.method, asked.path, asked.json);
  if (!answer) return fail(answer.error().message.c_str(), kFailed);
  if (answer->status != 200) return fail(reason_of(*answer).c_str(), kFailed);
  if (!answer->body.empty()) std::printf("%s\n", answer->body.c_str());
  return kOk;
}

std::string repository(const Options& options) { return "/v2/repository/models/" + percent_encode(options.model); }
std::string models(const Options& options) { return "/v2/berth/models/" + percent_encode(options.model); }

std::string label_json(const Options& options) {
  auto text = "{\"labels\":{" + json::quote(options.label) + ":";
  if (options.remove) return text + "null}}";
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.6g", options.percent);
  return text + "{\"version\":" + json::quote(options.version) + ",\"percent\":" + percent + "}}}";
}

// A command on one model; `request` says what to ask of the server.
CLI::App* add(CLI::App& app, Chosen& chosen, const char* name, const char* help, const char* footer,
              const std::shared_ptr<Options>& options, Asked (*request)(const Options&)) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("model", options->model, "The model's name")->required()->type_name("MODEL");
  command->add_option("--url", options->url, "The server to ask")->capture_default_str();
  add_key_option(*command, options->key_file);
  command->footer(footer);
  command->callback(
      [options, request, &chosen] { chosen = [options, request] { return ask(*options, request(*options)); }; });
  return command;
}

}  // namespace

void add_rollout(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  add(app, chosen, "load", "Load a model's newest version, or try again what failed",
      "Returns when it serves, or says why it cannot.", options, [](const Options& o) {
        return Asked{"POST", repository(o) + "/load"};
      });
  add(app, chosen, "unload", "Serve a model no longer, until it is loaded again", "Calls that it has are answered.",
      options, [](const Options& o) {
        return Asked{"POST", repository(o) + "/unload"};
      });
  add(app, chosen, "rollout", "Show which version is active, and which have labels", "Prints JSON.", options,
      [](const Options& o) {
        return Asked{"GET", models(o) + "/rollout"};
      });
  add(app, chosen, "rollback", "Make the version active that was so before", "Prints the rollout as it is then.",
      options, [](const Options& o) {
        return Asked{"POST", models(o) + "/rollback"};
      });
  auto* promote = add(app, chosen, "promote", "Make a version the one that answers calls which name none",
                      "VERSION may be `latest`: then the newest takes over by itself, as at first.\n\n"
                      "Example:\n"
                      "  berth promote digits 2",
                      options, [](const Options& o) {
                        const auto version = o.version == "latest" ? std::string("null") : json::quote(o.version);
                        return Asked{"PATCH", models(o) + "/rollout", "{\"active\":" + version + "}"};
                      });
  promote->add_option("version", options->version, "The version")->required()->type_name("VERSION");
  auto* label = add(app, chosen, "label", "Give a version a name, and a share of the calls that name none",
                    "A label stands wherever a version does: /v2/models/digits/versions/canary/infer.\n\n"
                    "Examples:\n"
                    "  berth label digits canary 2 --percent 5\n"
                    "  berth label digits canary --remove",
                    options, [](const Options& o) {
                      return Asked{"PATCH", models(o) + "/rollout", label_json(o)};
                    });
  label->add_option("label", options->label, "The label")->required()->type_name("LABEL");
  auto* version = label->add_option("version", options->version, "The version")->type_name("VERSION");
  label->add_option("--percent", options->percent, "Its share, 0 to 100 with at most one decimal");
  auto* remove = label->add_flag("--remove", options->remove, "Take the label away");
  version->excludes(remove);
}

}  // namespace berth::cli
