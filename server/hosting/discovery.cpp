// SPDX-License-Identifier: Apache-2.0
#include "hosting/discovery.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "hosting/file_identity.h"
#include "hosting/folders.h"
#include "hosting/or_problem.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

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

std::string version_of(const Library& library) { return is_good_name(library.version) ? library.version : "1"; }

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

}  // namespace

// One look at everything.
class Discovery::Scan {
 public:
  explicit Scan(Discovery& discovery) : discovery_(discovery) {}

  std::vector<Wanted> find(const std::vector<IndexedPlugin>& plugins) {
    for (const auto& plugin : plugins) take_plugin(plugin);
    if (!discovery_.options_.models_dir.empty()) {
      for (const auto& folder : entries_of(discovery_.options_.models_dir)) {
        if (is_folder(folder)) find_packages(folder);
      }
    }
    find_models_without_package();
    std::erase_if(discovery_.packages_, [this](const auto& known) { return !folders_.contains(known.first); });
    return std::move(found_);
  }

 private:
  void take_plugin(const IndexedPlugin& plugin) {
    const auto refuse = [&](std::string why) {
      found_.push_back(problem(name_of_file(plugin.file), "", plugin.file, std::move(why)));
    };
    if (!plugin.library) {
      const auto& why = plugin.library.error().message;
      if (plugin.before == nullptr) return refuse(why);
      broken_.push_back(&plugin);
      for (const auto& type : plugin.before->models) {
        if (!type.needs_package) found_.push_back(problem(type.name, version_of(*plugin.before), plugin.file, why));
      }
      return;
    }
    if (auto bad = naming_problem(*plugin.library); !bad.empty()) return refuse(std::move(bad));
    if (const auto* first = find_plugin(plugin.library->name); first != nullptr) {
      return refuse("a plugin named " + plugin.library->name + " was found before it: " + first->file.string());
    }
    plugins_.push_back(&plugin);
  }

  // Why there is no plugin of that name.
  std::string reason_without(const std::string& name) const {
    const auto found = std::ranges::find_if(broken_, [&](const auto* plugin) { return plugin->before->name == name; });
    return found == broken_.end() ? "there is no plugin named " + name
                                  : "its plugin " + name + " cannot be used: " + (*found)->library.error().message;
  }

  const IndexedPlugin* find_plugin(std::string_view name) const {
    const auto found =
        std::ranges::find_if(plugins_, [&](const auto* plugin) { return plugin->library->name == name; });
    return found == plugins_.end() ? nullptr : *found;
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
    folders_.insert(folder);
    const auto& known = discovery_.read(folder, name);
    const auto refuse = [&](const fs::path& plugin, std::string why) {
      return problem(name, version, plugin, std::move(why));
    };
    if (!known.package) return refuse({}, known.package.error().message);
    const auto& package = *known.package;
    const auto* plugin = find_plugin(package.plugin);
    if (plugin == nullptr) return refuse({}, reason_without(package.plugin));
    const auto& types = plugin->library->models;
    if (package.type.empty() && types.size() > 1) {
      return refuse(plugin->file, "model.yaml must say which `type` of " + package.plugin + " it is for");
    }
    if (!package.type.empty() && std::ranges::find(types, package.type, &ModelType::name) == types.end()) {
      return refuse(plugin->file, "plugin " + package.plugin + " has no model type " + package.type);
    }
    std::error_code error;
    return {{name, version, package.type, plugin->file, plugin->copy, fs::absolute(folder, error), package.config_json},
            known.serving,
            "",
            plugin->copy->fingerprint() + known.identity,
            known.identity};
  }

  void find_models_without_package() {
    for (const auto* plugin : plugins_) {
      for (const auto& type : plugin->library->models) {
        if (type.needs_package) continue;
        const auto version = version_of(*plugin->library);
        add(or_problem(
            [&] {
              return Wanted{{type.name, version, type.name, plugin->file, plugin->copy, {}, "{}"},
                            discovery_.options_.serving(type.name),
                            "",
                            plugin->copy->fingerprint()};
            },
            [&](std::string why) { return problem(type.name, version, plugin->file, std::move(why)); }));
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

  Discovery& discovery_;
  std::vector<const IndexedPlugin*> plugins_;
  std::vector<const IndexedPlugin*> broken_;
  std::set<fs::path> folders_;
  std::vector<Wanted> found_;
};

Discovery::Discovery(const RegistryOptions& options, fs::path copies_dir, ForkServers& fork_servers)
    : options_(options), plugins_(options, std::move(copies_dir), fork_servers) {
  for (const auto& folder : options_.plugins_dirs) {
    if (is_folder(folder)) continue;
    log::warning("there is no folder of plugins at " + folder.string(), {.component = "hosting"});
  }
}

std::vector<Wanted> Discovery::scan(const std::atomic<bool>& stop) { return Scan(*this).find(plugins_.scan(stop)); }

const Discovery::KnownPackage& Discovery::read(const fs::path& folder, const std::string& name) {
  std::error_code error;
  auto identity = tree_identity(fs::absolute(folder, error));
  const auto found = packages_.find(folder);
  if (found != packages_.end() && found->second.identity == identity) return found->second;
  auto serving = options_.serving(name);
  auto package = read_package(folder, serving);
  return packages_.insert_or_assign(folder, KnownPackage{std::move(identity), std::move(package), serving})
      .first->second;
}

void Discovery::forget_problems() {
  plugins_.forget_problems();
  std::erase_if(packages_, [](const auto& known) { return !known.second.package; });
}

}  // namespace berth::hosting
