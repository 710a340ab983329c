// SPDX-License-Identifier: Apache-2.0
#include "packages/unpack.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/units.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"

namespace berth::cli {
namespace {

struct Options {
  std::string archive;
  std::string models_dir = "models";
  std::string max_size = "64GiB";
  std::string max_file_size = "64GiB";
  packages::UnpackLimits limits;
};

Result<std::uint64_t> size_of(const std::string& option, const std::string& text) {
  const auto size = parse_size(text);
  if (size) return *size;
  return failure(Code::invalid_argument, option + ": expected a size such as 64MiB, got \"" + text + '"');
}

Result<packages::UnpackLimits> limits_of(const Options& options) {
  auto limits = options.limits;
  const auto total = size_of("--max-size", options.max_size);
  if (!total) return failure(total.error());
  const auto file = size_of("--max-file-size", options.max_file_size);
  if (!file) return failure(file.error());
  limits.max_total_bytes = *total;
  limits.max_file_bytes = *file;
  return limits;
}

Result<packages::Unpacked> unpack(const Options& options, const packages::UnpackLimits& limits) {
  const Progress progress("unpacking " + options.archive, [] { return Progress::Step{}; });
  return packages::unpack(options.archive, options.models_dir, limits);
}

int run(const Options& options) {
  const auto limits = limits_of(options);
  if (!limits) return fail(limits.error().message.c_str(), kUsage);
  const auto unpacked = unpack(options, *limits);
  if (!unpacked) return fail(unpacked.error().message.c_str(), kFailed);
  std::printf("%s: %zu files; plugin %s serves it\n", unpacked->folder.c_str(), unpacked->manifest.files.size(),
              unpacked->manifest.plugin.c_str());
  return kOk;
}

}  // namespace

void add_unpack(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("unpack", "Make a package of one file, with every check");
  const auto options = std::make_shared<Options>();
  auto& limits = options->limits;
  command->add_option("archive", options->archive, "What `berth pack` wrote")->required()->type_name("FILE");
  command->add_option("--models-dir", options->models_dir, "It becomes NAME/VERSION below it")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--max-size", options->max_size, "Of all files together")
      ->type_name("SIZE")
      ->capture_default_str();
  command->add_option("--max-file-size", options->max_file_size, "Of one file")
      ->type_name("SIZE")
      ->capture_default_str();
  command->add_option("--max-files", limits.max_files, "Files")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  command->add_option("--max-ratio", limits.max_ratio, "How many times as large as the archive its files may be")
      ->type_name("N")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  command->footer(
      "The folder appears when it is whole; a version that exists is never touched. Whatever is not as its manifest\n"
      "says is refused, and then nothing is left behind.\n\n"
      "Examples:\n"
      "  berth unpack digits-2.berth.tar.gz\n"
      "  berth unpack digits-2.berth.tar.gz --models-dir /srv/berth/models --max-size 2GiB");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
