// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "cli/commands.h"
#include "cli/exit_code.h"

namespace berth::cli {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  berth serve                                   serve the models that came with the program\n"
    "  berth ls                                      what the running server has\n"
    "  berth predict digits photo.png                ask a model, without a server\n"
    "  berth new my_model                            begin a plugin of your own\n\n"
    "`berth COMMAND --help` explains a command.\n"
    "Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.";

int parse_and_run(CLI::App& app, int argc, char** argv) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "berth " BERTH_VERSION);
  app.get_formatter()->column_width(34);
  app.footer(kFooter);
  Chosen chosen;
  for (const auto add : {add_serve, add_list, add_describe, add_test, add_predict, add_new, add_doctor, add_pack,
                         add_unpack, add_crashes, add_rollout, add_accounts, add_records})
    add(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {  // --help and --version come as one, too
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return chosen();
}

}  // namespace

int fail(const char* message, int code) {
  std::fprintf(stderr, "berth: %s\n", message);
  return code;
}

int run(int argc, char** argv) {
  try {
    CLI::App app("Berth serves models that are C++ plugins over HTTP.", "berth");
    return parse_and_run(app, argc, argv);
  } catch (const std::exception& error) {
    return fail(error.what(), kFailed);
  } catch (...) {
    return fail("something went wrong that cannot be named", kFailed);
  }
}

}  // namespace berth::cli
