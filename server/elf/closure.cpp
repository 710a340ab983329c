// SPDX-License-Identifier: Apache-2.0
#include "elf/closure.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

namespace berth::elf {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxModules = 512;  // LibTorch with OpenCV comes to about two hundred
constexpr std::size_t kMaxMissing = 32;
constexpr std::size_t kMaxFolders = 256;
constexpr std::size_t kMaxMemory = 64UL * 1024 * 1024;  // LibTorch with OpenCV takes a tenth

std::vector<fs::path> folders_of(const Module& module) {
  return expanded(module.file.search_paths, module.path.parent_path());
}

}  // namespace

std::size_t Module::memory() const {
  std::size_t bytes = symbols.memory();
  for (const auto& name : file.needed) bytes += sizeof(std::string) + name.size();
  return bytes;
}

Result<const Module*> Closure::add(const fs::path& path) {
  auto image = Image::open(path);
  if (!image) return failure(image.error());
  const auto first = modules_.size();
  std::error_code error;
  modules_.push_back(std::make_unique<Module>(fs::absolute(path, error), std::move(*image), nullptr));
  auto& top = *modules_.back();
  top.names = {path.filename().string(), top.file.soname};
  for (std::size_t i = first; i < modules_.size(); ++i) {
    const auto& module = *modules_[i];
    for (const auto& name : module.file.needed) {
      if (auto added = add_needed(module, name); !added) return failure(added.error());
    }
  }
  return &top;
}

const Module* Closure::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      modules_, [&](const auto& module) { return std::ranges::find(module->names, name) != module->names.end(); });
  return found == modules_.end() ? nullptr : found->get();
}

// A RUNPATH is for its own module only, and switches off the RPATHs of those that need the module.
std::vector<fs::path> Closure::candidates(const Module& module, const std::string& name) const {
  if (name.find('/') != std::string::npos) return expanded({name}, module.path.parent_path());
  std::vector<fs::path> rpaths;
  if (module.file.has_runpath) return search_.candidates(name, rpaths, folders_of(module));
  const auto append = [&rpaths](const Module& from) {
    if (from.file.has_runpath) return;
    for (auto& folder : folders_of(from)) {
      if (rpaths.size() < kMaxFolders) rpaths.push_back(std::move(folder));
    }
  };
  for (const auto* from = &module; from != nullptr; from = from->needed_by) append(*from);
  append(*modules_.front());
  return search_.candidates(name, rpaths, {});
}

Result<> Closure::add_needed(const Module& module, const std::string& name) {
  if (find(name) != nullptr || std::ranges::find(missing_, name, &Missing::name) != missing_.end()) return {};
  if (missing_.size() >= kMaxMissing) return {};
  std::string reason;
  for (const auto& path : candidates(module, name)) {
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    auto image = Image::open(path);
    if (!image && image.error().code == Code::unavailable) return failure(image.error());
    if (!image) {
      if (reason.empty()) reason = path.string() + ": " + image.error().message;
      continue;  // the loader itself goes on where a file is another machine's
    }
    // Under another name it may be there already.
    const auto known =
        std::ranges::find(modules_, image->identity(), [](const auto& each) { return each->image.identity(); });
    if (known != modules_.end()) {
      (*known)->names.push_back(name);
      return {};
    }
    if (modules_.size() >= kMaxModules || memory_ > kMaxMemory)
      return failure(Code::unavailable, "it needs too many libraries to follow");
    auto found = std::make_unique<Module>(path, std::move(*image), &module);
    found->names = {name, found->file.soname};
    memory_ += found->memory();
    modules_.push_back(std::move(found));
    return {};
  }
  missing_.push_back({name, &module, std::move(reason)});
  return {};
}

}  // namespace berth::elf
