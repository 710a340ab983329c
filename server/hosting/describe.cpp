// SPDX-License-Identifier: Apache-2.0
// Asks a library what it holds, in a child process that may crash or hang.
#include <string>
#include <utility>

#include "base/json.h"
#include "berth/abi.h"
#include "elf/preflight.h"
#include "hosting/child_output.h"
#include "hosting/confinement.h"
#include "hosting/library.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxAnswerBytes = 1024UL * 1024;

Result<Library> parse(const std::filesystem::path& path, std::string_view answer) {
  const auto document = json::parse(answer);
  if (!document || !document->IsObject()) return failure(Code::unavailable, "it could not be described");
  Library library;
  library.path = path;
  library.name = json::text_at(*document, "name");
  library.version = json::text_at(*document, "version");
  library.sdk_version = json::text_at(*document, "sdk_version");
  library.build_info = json::text_at(*document, "build_info");
  const auto* models = json::find(*document, "models");
  if (models == nullptr || !models->IsArray()) return failure(Code::unavailable, "it could not be described");
  for (const auto& entry : models->GetArray()) {
    ModelType type;
    type.name = json::text_at(entry, "name");
    const auto* needs_package = json::find(entry, "needs_package");
    type.needs_package = needs_package != nullptr && needs_package->IsBool() && needs_package->GetBool();
    const auto* methods = json::find(entry, "methods");
    if (methods != nullptr && methods->IsArray()) {
      for (const auto& method : methods->GetArray()) {
        if (method.IsString()) type.methods.emplace_back(json::view(method));
      }
    }
    library.models.push_back(std::move(type));
  }
  if (library.models.empty()) return failure(Code::unavailable, "it exports no model");
  return library;
}

}  // namespace

Result<Library> describe(const std::filesystem::path& path, const std::filesystem::path& worker_program,
                         std::chrono::seconds timeout, const std::atomic<bool>* stop, const ServingOptions& serving,
                         std::shared_ptr<ForkServer> fork_server) {
  {
    const Deferring deferring;
    if (auto fit = elf::preflight(path, worker_program); !fit) return failure(fit.error());
  }
  const auto heard = run_child({.program = worker_program,
                                .args = {"--describe", path.string(), worker::to_text(confinement_of(path, serving))},
                                .fork_server = std::move(fork_server)},
                               {.timeout = timeout, .stop = stop, .max_out = kMaxAnswerBytes});
  if (!heard) return failure(heard.error());
  const auto& said = *heard;
  if (!said.exit) {
    return failure(Code::timeout, "it could not be opened within " + std::to_string(timeout.count()) + " s");
  }
  if (said.exit->signal != 0 || said.exit->code != 0 || !said.exit->is_known) {
    const auto end = said.err.find_last_not_of(" \n");
    const auto words = end == std::string::npos ? std::string() : said.err.substr(0, end + 1);
    if (said.exit->signal == 0 && said.exit->is_known && !words.empty())
      return failure(Code::unavailable, "it cannot be opened: " + words);
    return failure(Code::unavailable, "it cannot be opened: the process that tried " + to_string(*said.exit) +
                                          (words.empty() ? "" : "; it last printed: " + words));
  }
  auto library = parse(path, said.out);
  if (library) library->abi_version = BERTH_ABI_VERSION;
  return library;
}

}  // namespace berth::hosting
