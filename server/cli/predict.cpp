// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/admin_request.h"
#include "cli/call_inputs.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/credential.h"
#include "cli/exit_code.h"
#include "cli/prediction.h"
#include "cli/progress.h"
#include "cli/server_options.h"
#include "cli/temporary_server.h"
#include "http/body.h"

namespace berth::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> words;
  ServerToAsk server{.url = ""};  // "": the model is loaded for this call
  ServerOptions folders;
  PredictionFormat format;
  unsigned timeout_s = 300;
};

// A bar for uploads that one would notice; small ones are gone before it could be drawn.
Result<Answer> post(const Client& client, const std::string& path, const CallInputs& inputs) {
  constexpr std::uintmax_t kWorthABar = 4UL * 1024 * 1024;
  std::uintmax_t bytes = 0;
  for (const auto& [field, file] : inputs.files) bytes += std::filesystem::file_size(file);
  Client::Sent sent;
  std::unique_ptr<Progress> progress;
  if (bytes >= kWorthABar) {
    progress = std::make_unique<Progress>("sending", [&sent] { return Progress::Step{sent.done, sent.total}; });
  }
  return client.post(path, inputs, sent);
}

int predict(const Result<Client>& client, const Options& options, const CallInputs& inputs) {
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto path = "/v2/models/" + http::percent_encode(options.model) + "/predict/";
  const auto answer = post(*client, path, inputs);
  if (!answer) return fail(answer.error().message.c_str(), kFailed);
  const auto printed = print_prediction(*answer, options.model, options.format);
  return printed ? kOk : fail(printed.error().message.c_str(), kFailed);
}

int run(const Options& options) {
  const auto inputs = parse_inputs(options.words);
  if (!inputs) return fail(inputs.error().message.c_str(), kUsage);
  const std::chrono::seconds timeout(options.timeout_s);
  if (!options.server.url.empty()) return predict(open_client(options.server, timeout), options, *inputs);
  const auto server = TemporaryServer::start(options.folders, options.model);
  if (!server) return fail(server.error().message.c_str(), kFailed);
  return predict(Client::create((*server)->url(), timeout, {.text = (*server)->admin_key()}), options, *inputs);
}

}  // namespace

void add_predict(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("predict", "Ask a model");
  const auto options = std::make_shared<Options>();
  command->add_option("model", options->model, "Its name")->required()->type_name("MODEL");
  command->add_option("inputs", options->words, "Files, and arguments as NAME=VALUE")->type_name("FILE|NAME=VALUE");
  auto* url = command->add_option("--url", options->server.url, "Ask this server: http://127.0.0.1:5000");
  add_key_option(*command, options->server.key_file);
  auto* folders = command->add_option_group("Folders", "Where to load the model from, without a server");
  add_folder_options(*folders, options->folders);
  folders->excludes(url);
  command->add_option("-o,--output", options->format.output_file, "Write the answer to this file")->type_name("FILE");
  command->add_flag("--json", options->format.json, "Print the whole answer as the server gave it");
  command->add_option("--timeout", options->timeout_s, "Seconds to wait for the answer")->capture_default_str();
  command->footer(
      "NAME=@FILE sends a file as that argument; a bare FILE is sent as `data`. Without --url the model is loaded for\n"
      "this one call, from the folders named or from those that came with the program.\n\n"
      "Examples:\n"
      "  berth predict digits photo.png\n"
      "  berth predict greeter name=World --url http://127.0.0.1:5000\n"
      "  berth predict digits urls=https://example.org/7.png top_k=3");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
