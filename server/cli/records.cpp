// SPDX-License-Identifier: Apache-2.0
// Calls and their answers that a running server has on record: list, show, export, remove.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "cli/admin_request.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "http/body.h"

namespace berth::cli {
namespace {

constexpr const char* kPath = "/v2/berth/records";

struct Options {
  ServerToAsk server;
  std::string from, until, user, model, status;
  std::string count = "20";
  std::string format = "jsonl";
  std::string id;
};

// "?model=digits&…" of what was given.
Result<std::string> query_of(const Client& client, const Options& options, const std::string& format,
                             const std::string& count) {
  std::string query = "?format=" + format + "&count=" + count;
  const auto add = [&query](const char* name, const std::string& value) {
    if (!value.empty()) query.append("&").append(name).append("=").append(http::percent_encode(value));
  };
  add("from", options.from);
  add("until", options.until);
  add("model", options.model);
  add("status", options.status);
  if (options.user.empty()) return query;
  auto user = id_of_user(client, options.user);
  if (!user) return user;
  add("user", *user);
  return query;
}

// What somebody looks for first in each; the rest is in `show`.
std::vector<std::string> row_of(const json::Value& record) {
  const auto* response = json::find(record, "response");
  const bool is_answered = response != nullptr && response->IsObject();
  const auto* took = is_answered ? json::find(*response, "total_us") : nullptr;
  return {json::to_text(record["id"]),
          json::text_at(record, "time").substr(0, 19),
          json::text_at(record, "principal"),
          json::text_at(record, "dialect"),
          json::text_at(record, "model"),
          json::text_at(record, "method"),
          is_answered ? json::text_at(*response, "status") : "open",
          took != nullptr && took->IsInt64() ? std::to_string(took->GetInt64() / 1000) : ""};
}

int list(const Options& options) {
  const auto client = open_client(options.server, std::chrono::seconds(60));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto query = query_of(*client, options, "json", options.count);
  const auto body = query.and_then([&](const std::string& text) { return ask(*client, {"GET", kPath + text}); });
  if (!body) return fail(body.error().message.c_str(), kFailed);
  const auto page = json::parse(*body);
  const auto* records = page ? json::find(*page, "records") : nullptr;
  if (records == nullptr || !records->IsArray()) return fail("the server answered something else", kFailed);
  std::vector<std::vector<std::string>> rows;
  for (const auto& record : records->GetArray()) rows.push_back(row_of(record));
  std::printf("%s",
              format_table({"ID", "TIME (UTC)", "WHO", "DIALECT", "MODEL", "METHOD", "STATUS", "MS"}, rows).c_str());
  return kOk;
}

int show(const Options& options) {
  const auto client = open_client(options.server, std::chrono::seconds(60));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  return print(ask(*client, {"GET", std::string(kPath) + "/" + http::percent_encode(options.id)}));
}

// Page by page, so that neither side holds all of them.
int export_all(const Options& options) {
  const auto client = open_client(options.server, std::chrono::minutes(5));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  auto next = query_of(*client, options, options.format, "1000");
  if (!next) return fail(next.error().message.c_str(), kFailed);
  for (bool first = true; !next->empty(); first = false) {
    const auto answer = client->get(kPath + *next);
    if (!answer) return fail(answer.error().message.c_str(), kFailed);
    if (answer->status != 200) return print(ask(*client, {"GET", kPath + *next}));
    std::string_view text = answer->body;
    if (!first && options.format == "csv") text.remove_prefix(text.find('\n') + 1);  // the header stands there already
    std::fwrite(text.data(), 1, text.size(), stdout);
    *next = answer->next;
  }
  return std::fflush(stdout) == 0 ? kOk : fail("not all could be written", kFailed);
}

int remove(const Options& options) {
  const auto client = open_client(options.server, std::chrono::minutes(10));
  if (!client) return fail(client.error().message.c_str(), kUsage);
  const auto id = id_of_user(*client, options.user);
  if (!id) return fail(id.error().message.c_str(), kFailed);
  return print(ask(*client, {"DELETE", "/v2/berth/users/" + *id + "/records"}));
}

CLI::App* add(CLI::App& group, Chosen& chosen, const char* name, const char* help,
              const std::shared_ptr<Options>& options, int (*run)(const Options&)) {
  auto* command = group.add_subcommand(name, help);
  add_server_to_ask(*command, options->server);
  command->callback([options, run, &chosen] { chosen = [options, run] { return run(*options); }; });
  return command;
}

}  // namespace

void add_records(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* records = app.add_subcommand("records", "Calls on record: list, show, export, remove")->require_subcommand(1);
  records->footer(
      "Users see their own, viewers and admins all. docs/records.md says what is in them.\n\nExamples:\n"
      "  berth records list --model digits --status error\n"
      "  berth records show 1795000000000000\n"
      "  berth records export --format csv --from 2026-11-01T00:00:00Z > november.csv\n"
      "  berth records remove ada");
  auto* listed = add(*records, chosen, "list", "The newest ones", options, list);
  listed->add_option("--count", options->count, "At most so many")->capture_default_str();
  auto* exported = add(*records, chosen, "export", "All of them, to stdout", options, export_all);
  exported->add_option("--format", options->format, "How")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->capture_default_str();
  for (auto* command : {listed, exported}) {
    command->add_option("--from", options->from, "From this id or time (2026-11-22T10:00:00Z) on");
    command->add_option("--until", options->until, "Before this id or time");
    command->add_option("--user", options->user, "Of this user, by name or id");
    command->add_option("--model", options->model, "Of this model");
    command->add_option("--status", options->status, "ok, error (all that failed), or an error's name");
  }
  auto* shown = add(*records, chosen, "show", "One of them, as JSON", options, show);
  shown->add_option("id", options->id, "Its id")->required()->type_name("ID");
  auto* removed = add(*records, chosen, "remove", "Remove all of a user's, with their files", options, remove);
  removed->add_option("user", options->user, "The user, by name or id")->required()->type_name("USER");
}

}  // namespace berth::cli
