// SPDX-License-Identifier: Apache-2.0
#include "hosting/discovery.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "hosting/package.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

// The entries of a folder by name; none where it cannot be read.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->path().filename().string().starts_with('.')) entries.push_back(entry->path());
  }
  std::ranges::sort(entries);
  return entries;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

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
    if (!is_folder(folder)) {
      log::warning("there is no folder of plugins at " + folder.string(), {.component = "hosting"});
    }
    for (const auto& entry : entries_of(folder)) {
      take(entry);
      if (!is_folder(entry)) continue;
      for (const auto& inner : entries_of(entry)) take(inner);
    }
  }
  return files;
}

// What `read` makes of a model or library; what it throws is a problem of that one alone.
template <typename Read, typename Problem>
auto or_problem(Read read, Problem on_thrown) -> decltype(read()) {
  try {
    return read();
  } catch (const std::exception& thrown) {
    return on_thrown(std::string("reading it failed: ") + thrown.what());
  } catch (...) {
    return on_thrown("reading it failed");
  }
}

std::vector<Result<Library>> describe_all(const std::vector<fs::path>& files, const RegistryOptions& options,
                                          const std::atomic<bool>& stop) {
  std::vector<Result<Library>> libraries(files.size(), failure(Code::internal, ""));
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      // Nothing may leave this thread.
      libraries[i] = or_problem(
          [&] {
            return describe(files[i], options.worker_program,
                            std::chrono::seconds(static_cast<std::int64_t>(options.max_describe_seconds)), &stop);
          },
          [](std::string why) -> Result<Library> { return failure(Code::internal, std::move(why)); });
    }
  };
  std::vector<std::jthread> threads;
  const std::size_t most = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < std::min(most, files.size()); ++i) threads.emplace_back(work);
  threads.clear();  // joins
  return libraries;
}

Wanted problem(std::string name, std::string version, const fs::path& plugin, std::string what) {
  Wanted wanted;
  wanted.source.name = std::move(name);
  wanted.source.version = std::move(version);
  wanted.source.plugin = plugin;
  wanted.problem = std::move(what);
  return wanted;
}

std::string name_of_file(const fs::path& path) {
  auto stem = path.stem().string();
  return stem.starts_with("lib") ? stem.substr(3) : stem;
}

// What is wrong with what a library calls itself and its models; "" = nothing.
std::string naming_problem(const Library& library) {
  constexpr std::string_view kRule = "a name is a small letter or digit, then those and _ . -";
  if (!is_good_name(library.name)) return "the plugin calls itself \"" + library.name + "\"; " + std::string(kRule);
  std::set<std::string_view> names;
  for (const auto& type : library.models) {
    if (!is_good_name(type.name)) return "it has a model \"" + type.name + "\"; " + std::string(kRule);
    if (!names.insert(type.name).second) return "it has two models named " + type.name;
  }
  return "";
}

class Finder {
 public:
  Finder(const RegistryOptions& options, const std::atomic<bool>& stop) : options_(options), stop_(stop) {}

  std::vector<Wanted> find() {
    find_libraries();
    if (!options_.models_dir.empty()) {
      for (const auto& folder : entries_of(options_.models_dir)) {
        if (is_folder(folder)) find_packages(folder);
      }
    }
    find_models_without_package();
    return std::move(found_);
  }

 private:
  void find_libraries() {
    const auto files = library_files(options_.plugins_dirs);
    auto described = describe_all(files, options_, stop_);
    for (std::size_t i = 0; i < files.size(); ++i) {
      auto& library = described[i];
      const auto refuse = [&](std::string why) {
        found_.push_back(problem(name_of_file(files[i]), "", files[i], std::move(why)));
      };
      if (!library) {
        refuse(library.error().message);
      } else if (auto bad = naming_problem(*library); !bad.empty()) {
        refuse(std::move(bad));
      } else if (const auto* first = find_library(library->name); first != nullptr) {
        refuse("a plugin named " + library->name + " was found before it: " + first->path.string());
      } else {
        libraries_.push_back(std::move(*library));
      }
    }
  }

  const Library* find_library(std::string_view name) const {
    const auto found = std::ranges::find(libraries_, name, &Library::name);
    return found == libraries_.end() ? nullptr : &*found;
  }

  void find_packages(const fs::path& folder) {
    const auto name = folder.filename().string();
    std::error_code error;
    if (fs::exists(folder / "model.yaml", error)) {
      return found_.push_back(
          problem(name, "", {}, "its model.yaml must lie in a version's folder: " + name + "/1/model.yaml"));
    }
    bool any = false;
    for (const auto& version : entries_of(folder)) {
      const auto number = version.filename().string();
      // What does not begin with a digit is no version: samples, scripts, notes.
      if (!is_folder(version) || number.front() < '0' || number.front() > '9') continue;
      any = true;
      add(or_problem([&] { return package(version, name, number); },
                     [&](std::string why) { return problem(name, number, {}, std::move(why)); }));
    }
    if (!any) found_.push_back(problem(name, "", {}, "it has no version: a folder such as " + name + "/1"));
  }

  Wanted package(const fs::path& folder, const std::string& name, const std::string& version) {
    if (!is_good_name(name) || !is_good_name(version)) {
      return problem(name, version, {}, "names of models and versions are small letters, digits, _ . -");
    }
    auto serving = options_.serving(name);
    auto package = read_package(folder, serving);
    if (!package) return problem(name, version, {}, package.error().message);
    const auto* library = find_library(package->plugin);
    if (library == nullptr) return problem(name, version, {}, "there is no plugin named " + package->plugin);
    if (package->type.empty() && library->models.size() > 1) {
      return problem(name, version, library->path,
                     "model.yaml must say which `type` of " + library->name + " it is for");
    }
    if (!package->type.empty() &&
        std::ranges::find(library->models, package->type, &ModelType::name) == library->models.end()) {
      return problem(name, version, library->path, "plugin " + library->name + " has no model type " + package->type);
    }
    std::error_code error;
    return {{name, version, package->type, library->path, fs::absolute(folder, error), std::move(package->config_json)},
            serving,
            ""};
  }

  void find_models_without_package() {
    for (const auto& library : libraries_) {
      for (const auto& type : library.models) {
        if (type.needs_package) continue;
        const auto version = is_good_name(library.version) ? library.version : std::string("1");
        add(or_problem(
            [&] {
              return Wanted{{type.name, version, type.name, library.path, {}, "{}"}, options_.serving(type.name), ""};
            },
            [&](std::string why) { return problem(type.name, version, library.path, std::move(why)); }));
      }
    }
  }

  // The first of a name and version is served.
  void add(Wanted wanted) {
    const auto same = [&](const Wanted& other) {
      return other.problem.empty() && other.source.name == wanted.source.name &&
             other.source.version == wanted.source.version;
    };
    if (wanted.problem.empty() && std::ranges::any_of(found_, same)) {
      wanted.problem = "another model of this name and version was found before it";
    }
    found_.push_back(std::move(wanted));
  }

  const RegistryOptions& options_;
  const std::atomic<bool>& stop_;
  std::vector<Library> libraries_;
  std::vector<Wanted> found_;
};

}  // namespace

std::vector<Wanted> discover(const RegistryOptions& options, const std::atomic<bool>& stop) {
  return Finder(options, stop).find();
}

}  // namespace berth::hosting
