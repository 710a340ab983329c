// SPDX-License-Identifier: Apache-2.0
// What an admin does to the models of a running server: load, unload, promote, rollback, label, rollout.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/json.h"
#include "cli/admin_request.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "http/body.h"

namespace berth::cli {
namespace {

constexpr std::chrono::minutes kPatience{15};  // for a model to load

struct Options {
  ServerToAsk server;
  std::string model;
  std::string version;
  std::string label;
  double percent = 0;
  bool remove = false;
};

int run(const Options& options, const Asked& asked) {
  const auto client = open_client(options.server, kPatience);
  if (!client) return fail(client.error().message.c_str(), kUsage);
  return print(ask(*client, asked));
}

std::string repository(const Options& options) {
  return "/v2/repository/models/" + http::percent_encode(options.model);
}
std::string models(const Options& options) { return "/v2/berth/models/" + http::percent_encode(options.model); }

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
  add_server_to_ask(*command, options->server);
  command->footer(footer);
  command->callback(
      [options, request, &chosen] { chosen = [options, request] { return run(*options, request(*options)); }; });
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
