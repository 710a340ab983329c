// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <stop_token>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/stop_signals.h"
#include "config/installation.h"
#include "sdk/testing/conformance.h"

namespace berth::cli {
namespace {

struct Options {
  std::string library;
  std::string package;
  std::vector<std::string> files;
};

conformance::Report check(const Options& options) {
  log::open(log::Level::warning, log::Format::text);
  std::stop_source stop;
  StopSignals signals;
  signals.watch([&stop] { stop.request_stop(); });
  const Progress progress("checking " + options.library, [] { return Progress::Step{}; });
  conformance::Options asked;
  asked.stop = stop.get_token();
  asked.package = options.package;
  asked.files.assign(options.files.begin(), options.files.end());
  asked.worker_program = config::find_installation().worker;
  return conformance::check_plugin(options.library, asked);
}

void print(const conformance::Check& check) {
  const char* verdict = check.skipped ? "skip" : check.passed ? "ok" : "FAIL";
  std::printf("%-4s  %s%s%s\n", verdict, check.name.c_str(), check.message.empty() ? "" : ": ", check.message.c_str());
}

int run(const Options& options) {
  const auto report = check(options);
  for (const auto& check : report.checks) print(check);
  const auto is_failed = [](const auto& check) { return !check.passed && !check.skipped; };
  const auto failed = std::ranges::count_if(report.checks, is_failed);
  std::printf("%zu checks, %td failed\n", report.checks.size(), failed);
  return report.passed() ? kOk : kFailed;
}

}  // namespace

void add_test(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("test", "Check what every plugin must hold");
  const auto options = std::make_shared<Options>();
  command->add_option("library", options->library, "The plugin: a .so file")->required()->type_name("LIB");
  command->add_option("--package", options->package, "The package to make the model from, where it needs one")
      ->type_name("DIR");
  command->add_option("--file", options->files, "An input for a model that takes files; may be given several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->footer(
      "The plugin is loaded as the server loads it, and asked: metadata, arguments, defaults that satisfy their own\n"
      "declaration, answers that are JSON, errors, repeatability, batches.\n\n"
      "Examples:\n"
      "  berth test build/plugins/greeter.so\n"
      "  berth test build/plugins/image_classifier.so --package models/digits/1");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
