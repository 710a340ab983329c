// SPDX-License-Identifier: Apache-2.0
#include "elf/link_problems.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>

#include "elf/advice.h"
#include "elf/closure.h"

namespace berth::elf {
namespace {

using Undefined = Symbols::Undefined;
using Modules = std::span<const std::unique_ptr<Module>>;

constexpr std::size_t kMaxUndefined = 100'000;  // of one library
constexpr std::size_t kMaxListed = 5;           // symbols, or versions, of one kind
constexpr std::size_t kMaxKinds = 8;            // of symbols, for one library
constexpr std::size_t kMaxProblems = 32;
constexpr std::uint64_t kMaxSteps = 20'000'000;  // of look-ups; only libraries made to be slow come to more

// Takes the number at the beginning of the text.
std::uint64_t take_number(std::string_view& text) {
  std::uint64_t value = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value = value * 10 + static_cast<std::uint64_t>(text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

// GLIBC_2.9 before GLIBC_2.36.
bool is_older(std::string_view left, std::string_view right) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  while (!left.empty() && !right.empty()) {
    if (is_digit(left.front()) && is_digit(right.front())) {
      const auto a = take_number(left), b = take_number(right);
      if (a != b) return a < b;
      continue;
    }
    if (left.front() != right.front()) return left.front() < right.front();
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.size() < right.size();
}

// "a, b and 3 more".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i) text.append(i == 0 ? "" : ", ").append(names[i]);
  if (names.size() > kMaxListed) text.append(" and ").append(std::to_string(names.size() - kMaxListed)).append(" more");
  return text;
}

class Check {
 public:
  Check(const LibrarySearch& search, const Closure& closure, const Module& library, std::size_t of_program)
      : search_(search),
        closure_(closure),
        library_(library),
        opened_(Modules(closure.modules()).subspan(of_program)) {}

  std::vector<std::string> problems() {
    for (const auto& missing : closure_.missing()) {
      if (is_opened(missing.needed_by)) add(missing_problem(missing));
    }
    for (const auto& module : opened_) add_versions(*module);
    // The system's own libraries fit each other, and to ask for all of their symbols takes longer than all the rest.
    for (const auto& module : opened_) {
      if (module.get() == &library_ || !is_systems_own(module->path)) add_symbols(*module);
    }
    return std::move(problems_);
  }

 private:
  bool is_opened(const Module* module) const {
    return std::ranges::any_of(opened_, [&](const auto& each) { return each.get() == module; });
  }
  bool is_missing(std::string_view name) const {
    return std::ranges::find(closure_.missing(), name, &Missing::name) != closure_.missing().end();
  }
  std::string subject(const Module& module) const {
    return &module == &library_ ? "it" : printable(module.path.string()) + ", which it needs,";
  }
  void add(std::string problem) {
    if (problems_.size() < kMaxProblems) problems_.push_back(std::move(problem));
  }

  std::string missing_problem(const Missing& missing) const;
  void add_versions(const Module& module);
  void add_symbols(const Module& module);
  bool is_defined(const Undefined& symbol);
  void add_unresolved(const Module& module, const std::vector<Undefined>& unresolved);
  std::string advice_with_closure(const SymbolAdvice& advice) const;

  const LibrarySearch& search_;
  const Closure& closure_;
  const Module& library_;
  const Modules opened_;  // without the program's own
  std::vector<std::string> problems_;
  std::set<std::pair<std::string, std::string>> missing_versions_;  // library, version
  std::unordered_set<std::string> defined_;                         // symbols that were looked for before
  std::uint64_t steps_ = kMaxSteps;
};

std::string Check::missing_problem(const Missing& missing) const {
  const auto name = printable(missing.name);
  auto text = subject(*missing.needed_by).append(" needs ").append(name);
  if (!missing.reason.empty()) return text.append(", which cannot be used: ").append(printable(missing.reason));
  text.append(", which is not found");
  if (const auto others = search_.other_versions(missing.name); !others.empty()) {
    return text.append(" (this system has ").append(listed(others)).append("); build the plugin on this system");
  }
  return text.append("; ").append(advice_for_library(missing.name));
}

// As the loader does it: a library without any version satisfies all.
void Check::add_versions(const Module& module) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> lacking;  // library, kind of version
  for (const auto& required : module.symbols.required_versions()) {
    const auto* provider = closure_.find(required.file);
    if (required.weak || provider == nullptr) continue;
    const auto& defined = provider->symbols.defined_versions();
    if (defined.empty() || std::ranges::find(defined, required.name) != defined.end()) continue;
    missing_versions_.emplace(required.file, required.name);
    lacking[{required.file, required.name.substr(0, required.name.find_first_of("0123456789"))}].push_back(
        required.name);
  }
  for (auto& [of, versions] : lacking) {
    const auto& [file, kind] = of;
    const auto& provider = *closure_.find(file);
    std::ranges::sort(versions, is_older);
    std::string newest;
    for (const auto& version : provider.symbols.defined_versions()) {
      const bool is_of_kind = version.starts_with(kind) && version.find_first_of("0123456789") == kind.size();
      if (is_of_kind && (newest.empty() || is_older(newest, version))) newest = version;
    }
    const bool is_systems = file.starts_with("libc.") || file.starts_with("libm.") || file.starts_with("libstdc++.") ||
                            file.starts_with("libgcc_s.") || file.starts_with("ld-linux");
    for (auto& version : versions) version = printable(std::move(version));
    add(subject(module)
            .append(" needs ")
            .append(listed(versions))
            .append(" of ")
            .append(printable(file))
            .append(newest.empty() ? ", which is not in " : ", newer than the " + printable(newest) + " of ")
            .append(printable(provider.path.string()))
            .append(is_systems ? "; build it on this system or an older one"
                               : "; build it with the version of that library that is here"));
  }
}

bool Check::is_defined(const Undefined& symbol) {
  auto key = symbol.name.text + "@" + symbol.version;
  if (defined_.contains(key)) return true;
  // A name is read and kept: that costs, too.
  steps_ -= std::min<std::uint64_t>(steps_, 8 + symbol.name.text.size() / 4);
  for (const auto& module : closure_.modules()) {
    if (steps_ == 0) return true;
    --steps_;
    if (!module->symbols.find(symbol.name, symbol.version, steps_)) continue;
    defined_.insert(std::move(key));
    return true;
  }
  return steps_ == 0;
}

void Check::add_symbols(const Module& module) {
  std::vector<Undefined> unresolved;
  for (auto& symbol : module.symbols.undefined(std::min<std::size_t>(kMaxUndefined, steps_ / 8))) {
    if (missing_versions_.contains({symbol.version_file, symbol.version})) continue;  // said already
    if (!is_defined(symbol)) unresolved.push_back(std::move(symbol));
  }
  if (unresolved.empty()) return;
  if (!closure_.missing().empty()) {
    // Whatever is missing may have them; not, though, what no library has.
    std::erase_if(unresolved, [](const auto& symbol) { return !belongs_to_plugin(symbol.name.text); });
  }
  add_unresolved(module, module.symbols.referenced(std::move(unresolved)));
}

void Check::add_unresolved(const Module& module, const std::vector<Undefined>& unresolved) {
  std::map<std::pair<std::string, std::string_view>, std::vector<std::string>> kinds;
  for (const auto& symbol : unresolved) {
    const auto advice = advice_for_symbol(symbol.name.text);
    auto& names = kinds[{advice.library, advice.advice}];
    // Beyond those that are listed, only their number counts.
    names.push_back(names.size() < kMaxListed ? readable(symbol.name.text) : std::string());
  }
  for (const auto& [advice, names] : kinds) {
    if (kinds.size() > kMaxKinds && problems_.size() >= kMaxKinds) return;
    add(subject(module)
            .append(" uses what nothing defines: ")
            .append(listed(names))
            .append("; ")
            .append(advice_with_closure({advice.first, advice.second})));
  }
}

// Where the library is there already, linking it once more does not help.
std::string Check::advice_with_closure(const SymbolAdvice& advice) const {
  if (!advice.library.empty()) {
    for (const auto& module : closure_.modules()) {
      const auto name = module->path.filename().string();
      if (!name.starts_with(advice.library) || name.substr(advice.library.size(), 3) != ".so") continue;
      return std::string("the ").append(name).append(" that is used lacks it; build the plugin with the version at ") +
             printable(module->path.string());
    }
  }
  if (advice.library.empty()) return std::string(advice.advice);
  return printable(advice.library).append(" usually has that: ").append(advice.advice);
}

}  // namespace

std::vector<std::string> link_problems(const std::filesystem::path& library, const std::filesystem::path& program,
                                       std::string_view library_path) {
  const LibrarySearch search(library_path);
  Closure closure(search);
  if (!closure.add(program)) return {};
  const auto of_program = closure.modules().size();
  const auto added = closure.add(library);
  if (!added) return {};
  return Check(search, closure, **added, of_program).problems();
}

}  // namespace berth::elf
