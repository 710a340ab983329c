// SPDX-License-Identifier: Apache-2.0
#include "hosting/plugin_index.h"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "hosting/folders.h"
#include "hosting/or_problem.h"
#include "hosting/priority.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> library_files(const std::vector<fs::path>& folders) {
  std::vector<fs::path> files;
  const auto take = [&files](const fs::path& path) {
    std::error_code error;
    const auto absolute = fs::absolute(path, error);
    if (path.extension() == ".so" && !is_folder(path) && std::ranges::find(files, absolute) == files.end()) {
      files.push_back(absolute);
    }
  };
  for (const auto& folder : folders) {
    for (const auto& entry : entries_of(folder)) {
      take(entry);
      if (!is_folder(entry)) continue;
      for (const auto& inner : entries_of(entry)) take(inner);
    }
  }
  return files;
}

}  // namespace

const std::vector<IndexedPlugin>& PluginIndex::scan(const std::atomic<bool>& stop) {
  const auto files = library_files(options_.plugins_dirs);
  std::vector<IndexedPlugin> found(files.size(), {{}, nullptr, failure(Code::internal, ""), nullptr});
  const auto look_at = [&](IndexedPlugin& plugin) -> Result<Library> {
    const auto then = std::ranges::find(plugins_, plugin.file, &IndexedPlugin::file);
    if (then != plugins_.end()) {
      plugin.before = then->library ? std::make_shared<const Library>(*then->library) : then->before;
    }
    const auto copying = [&] {
      const Deferring deferring;
      return copies_.take(plugin.file);
    };
    auto copy = copying();
    if (!copy) return failure(copy.error());
    plugin.copy = std::move(*copy);
    const auto known = std::ranges::find(plugins_, plugin.copy, &IndexedPlugin::copy);
    // Whether it was in time depends on what else the machine did.
    const bool was_late =
        known != plugins_.end() && !known->library &&
        (known->library.error().code == Code::timeout || known->library.error().code == Code::cancelled);
    if (known != plugins_.end() && !was_late) return known->library;
    const auto serving = options_.serving("");
    return describe(plugin.copy->path(), options_.worker_program,
                    std::chrono::seconds(static_cast<std::int64_t>(options_.max_describe_seconds)), &stop, serving,
                    fork_servers_.get(*plugin.copy, serving, stop));
  };
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    ::pthread_setname_np(::pthread_self(), "berth-describe");
    for (std::size_t i = next++; i < files.size(); i = next++) {
      // Nothing may leave this thread.
      auto& plugin = found[i];
      plugin.file = files[i];
      plugin.library =
          or_problem([&] { return look_at(plugin); },
                     [](const std::string& why) -> Result<Library> { return failure(Code::internal, why); });
    }
  };
  std::vector<std::jthread> threads;
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < std::min(most, files.size()); ++i) threads.emplace_back(work);
  threads.clear();  // joins
  plugins_ = std::move(found);
  return plugins_;
}

void PluginIndex::forget_problems() {
  for (auto& plugin : plugins_) {
    if (!plugin.library) plugin.copy.reset();
  }
}

}  // namespace berth::hosting
