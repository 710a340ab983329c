// SPDX-License-Identifier: Apache-2.0
#include "packages/pack.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "hosting/package.h"
#include "packages/names.h"

namespace berth::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string folder;
  std::string output;
  std::string name_and_version;
};

// "digits/1", of what was given or of the folder itself: models/digits/1.
Result<packages::Manifest> identity_of(const Options& options, const fs::path& folder) {
  const auto path = options.name_and_version.empty() ? folder : fs::path(options.name_and_version);
  packages::Manifest identity{path.parent_path().filename(), path.filename(), "", BERTH_VERSION};
  const bool whole = options.name_and_version.empty() || path == fs::path(identity.name) / identity.version;
  if (whole && packages::is_good_name(identity.name) && packages::is_good_version(identity.version)) return identity;
  return failure(Code::invalid_argument,
                 packages::printable(identity.name + "/" + identity.version) +
                     " is no model and version such as digits/1; say it with --as NAME/VERSION");
}

Result<packages::Manifest> pack(packages::Manifest identity, const fs::path& folder, const fs::path& output) {
  const Progress progress("packing " + folder.string(), [] { return Progress::Step{}; });
  hosting::ServingOptions unused;
  const auto package = hosting::read_package(folder, unused);
  if (!package) return failure(package.error().code, folder.string() + ": " + package.error().message);
  identity.plugin = package->plugin;
  return packages::pack(folder, std::move(identity), output);
}

int run(const Options& options) {
  std::error_code error;
  const auto folder = fs::canonical(options.folder, error);
  if (error) return fail((options.folder + ": " + error.message()).c_str(), kFailed);
  auto identity = identity_of(options, folder);
  if (!identity) return fail(identity.error().message.c_str(), kUsage);
  const auto output = options.output.empty() ? packages::archive_name(*identity) : options.output;
  const auto packed = pack(*std::move(identity), folder, output);
  if (!packed) return fail(packed.error().message.c_str(), kFailed);
  std::printf("%s holds %s/%s: %zu files; plugin %s serves it\n", output.c_str(), packed->name.c_str(),
              packed->version.c_str(), packed->files.size(), packed->plugin.c_str());
  return kOk;
}

}  // namespace

void add_pack(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("pack", "Make one file of a package");
  const auto options = std::make_shared<Options>();
  command->add_option("folder", options->folder, "The package: models/NAME/VERSION")->required()->type_name("DIR");
  command->add_option("-o,--output", options->output, "Where to write it; ./NAME-VERSION.berth.tar.gz unless given")
      ->type_name("FILE");
  command->add_option("--as", options->name_and_version, "What it is, where the folder is called otherwise")
      ->type_name("NAME/VERSION");
  command->footer(
      "A manifest with the size and SHA-256 of every file goes with it. The same package gives the same bytes.\n\n"
      "Examples:\n"
      "  berth pack models/digits/1\n"
      "  berth pack ~/trained/run17 --as digits/2 -o /srv/packages/digits-2.berth.tar.gz");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace berth::cli
