// SPDX-License-Identifier: Apache-2.0
#include "hosting/confinement.h"

#include <vector>

#include "elf/library_places.h"
#include "hosting/library_copies.h"

namespace berth::hosting {
namespace {

void add(std::vector<std::string>& paths, const std::vector<std::filesystem::path>& more) {
  for (const auto& path : more) paths.push_back(path.string());
}

worker::Confinement confinement_of(const WorkerLimits& limits, const Permissions& permissions) {
  const auto& [mode, network, processes, read, write] = permissions;
  worker::Confinement confinement;
  confinement.mode = mode;
  confinement.network = network;
  confinement.processes = processes;
  add(confinement.read, read);
  add(confinement.write, write);
  confinement.max_data_bytes = limits.memory_bytes;
  confinement.max_open_files = limits.open_files;
  confinement.max_file_bytes = limits.scratch_bytes;
  confinement.max_threads = limits.threads;
  return confinement;
}

}  // namespace

worker::Confinement confinement_of(const std::filesystem::path& library, const ServingOptions& serving) {
  auto confinement = confinement_of(serving.limits, serving.permissions);
  confinement.read.push_back(library.string());
  add(confinement.read, elf::library_places(library));
  return confinement;
}

worker::Confinement confinement_of(const Source& source, const ServingOptions& serving,
                                   const std::filesystem::path& scratch) {
  auto confinement = confinement_of(serving.limits, serving.permissions);
  if (source.copy != nullptr) {
    confinement.read.push_back(source.copy->folder().string());
    add(confinement.read, source.copy->libraries());
  } else {
    confinement = confinement_of(source.plugin, serving);
  }
  if (!source.package.empty()) confinement.read.push_back(source.package.string());
  confinement.write.push_back(scratch.string());
  return confinement;
}

}  // namespace berth::hosting
