// SPDX-License-Identifier: Apache-2.0
#include "hosting/package.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/files.h"
#include "base/json.h"
#include "packages/digests.h"
#include "packages/names.h"

namespace berth::hosting {
namespace {

constexpr std::uint64_t kMaxFileBytes = 1024UL * 1024;

tl::unexpected<Error> bad(std::string message) { return failure(Code::invalid_argument, std::move(message)); }

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<Unit, 4> kTimes{{{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 7> kSizes{{{"B", 1},
                                      {"KB", 1000},
                                      {"MB", 1'000'000},
                                      {"GB", 1'000'000'000},
                                      {"KiB", 1 << 10},
                                      {"MiB", 1 << 20},
                                      {"GiB", 1 << 30}}};
// As in config/berth.yaml: a package may take what its operator could have given it, and no more.
constexpr std::uint64_t kMostMilliseconds = std::uint64_t{24} * 3'600'000;
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 30;

// A key of the `serving:` block, written as in config/berth.yaml.
struct ServingKey {
  std::string_view name;
  std::string_view form;  // what it must be, for people
  std::span<const Unit> units;
  bool plain;  // a number without a unit is fine
  std::uint64_t least, most;
  std::function<void(ServingOptions&, std::uint64_t)> set;
};

template <typename T>
std::function<void(ServingOptions&, std::uint64_t)> into(T ServingOptions::*member) {
  return [member](ServingOptions& options, std::uint64_t value) {
    if constexpr (std::is_integral_v<T>)
      options.*member = static_cast<T>(value);
    else
      options.*member = T(static_cast<typename T::rep>(value));
  };
}

template <typename T>
ServingKey number(std::string_view name, std::uint64_t least, std::uint64_t most, T ServingOptions::*member) {
  return {name, "a whole number", {}, true, least, most, into(member)};
}
ServingKey duration(std::string_view name, std::uint64_t least, std::chrono::milliseconds ServingOptions::*member) {
  return {name, "a duration such as 10s or 250ms", kTimes, least == 0, least, kMostMilliseconds, into(member)};
}
ServingKey size(std::string_view name, std::size_t ServingOptions::*member) {
  return {name, "a size such as 64MiB, or bytes", kSizes, true, 1024, kMostBytes, into(member)};
}

// Of what its operator gave it a package may ask for less, and gets no more.
template <typename T>
ServingKey limit(ServingKey key, T WorkerLimits::*member) {
  key.set = [member](ServingOptions& options, std::uint64_t value) {
    options.limits.*member = std::min(options.limits.*member, T(value));
  };
  return key;
}

std::array<ServingKey, 18> serving_keys() {
  return {number("workers", 1, 256, &ServingOptions::workers),
          number("threads_per_worker", 1, 1024, &ServingOptions::threads_per_worker),
          number("max_queue", 1, 1'000'000, &ServingOptions::max_queue),
          number("max_batch", 1, 4096, &ServingOptions::max_batch),
          number("spin_us", 0, 1000, &ServingOptions::spin),
          duration("max_batch_delay", 0, &ServingOptions::max_batch_delay),
          duration("call_timeout", 1, &ServingOptions::call_timeout),
          duration("queue_timeout", 1, &ServingOptions::queue_timeout),
          duration("load_timeout", 1, &ServingOptions::load_timeout),
          duration("restart_delay_min", 1, &ServingOptions::restart_delay_min),
          duration("restart_delay_max", 1, &ServingOptions::restart_delay_max),
          size("max_input_bytes", &ServingOptions::max_input_bytes),
          size("max_output_bytes", &ServingOptions::max_output_bytes),
          limit(size("max_memory_bytes", nullptr), &WorkerLimits::memory_bytes),
          limit(duration("max_cpu_per_call", 1, nullptr), &WorkerLimits::cpu_per_call),
          limit(number<std::size_t>("max_threads", 8, 1'000'000, nullptr), &WorkerLimits::threads),
          limit(number<std::size_t>("max_open_files", 192, 1'000'000, nullptr), &WorkerLimits::open_files),
          limit(size("max_scratch_bytes", nullptr), &WorkerLimits::scratch_bytes)};
}

// "10s" with its unit's factor applied; nothing where it has no such form.
std::optional<std::uint64_t> value_of(const json::Value& value, const ServingKey& key) {
  if (value.IsUint64() && (key.plain || value.GetUint64() == 0)) return value.GetUint64();
  if (!value.IsString()) return std::nullopt;
  const auto text = json::view(value);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto found = std::ranges::find(key.units, unit, &Unit::name);
  if (error != std::errc() || found == key.units.end() || count > key.most / found->factor) return std::nullopt;
  return count * found->factor;
}

Result<> apply_serving(const json::Value& block, ServingOptions& serving) {
  if (!block.IsObject()) return bad("model.yaml: `serving` must be a mapping");
  const auto keys = serving_keys();
  for (const auto& member : block.GetObject()) {
    const std::string name(json::view(member.name));
    const auto key = std::ranges::find(keys, std::string_view(name), &ServingKey::name);
    if (key == keys.end()) return bad("model.yaml: `serving` has no key `" + name + "`");
    const auto value = value_of(member.value, *key);
    if (!value || *value < key->least || *value > key->most) {
      return bad("model.yaml: `serving." + name + "` must be " + std::string(key->form) + ", " +
                 std::to_string(key->least) + ".." + std::to_string(key->most));
    }
    key->set(serving, *value);
  }
  return {};
}

Result<std::string> text_key(const json::Value& object, std::string_view name) {
  const auto* value = json::find(object, name);
  if (value == nullptr || value->IsNull()) return std::string();
  if (!value->IsString()) return bad("model.yaml: `" + std::string(name) + "` must be a text");
  return std::string(json::view(*value));
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Takes a run of digits, or of anything else, off the front.
std::string_view next_run(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size]) == is_digit(text.front())) ++size;
  const auto run = text.substr(0, size);
  text.remove_prefix(size);
  return run;
}

int compare_runs(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty() || !is_digit(left.front()) || !is_digit(right.front())) return left.compare(right);
  left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
  right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  return left.compare(right);
}

}  // namespace

Result<Package> read_package(const std::filesystem::path& folder, ServingOptions& serving) {
  const auto yaml = read_file(folder / "model.yaml", kMaxFileBytes, "model.yaml");
  if (!yaml) return bad("it has no readable " + yaml.error().message);
  auto config = yaml_to_json(*yaml);
  if (!config) return failure(config.error());
  const auto document = json::parse(*config);
  if (!document || !document->IsObject()) return bad("model.yaml must hold a mapping");
  const auto plugin = text_key(*document, "plugin");
  if (!plugin) return failure(plugin.error());
  if (plugin->empty()) return bad("model.yaml does not say which plugin serves it: `plugin: <library name>`");
  const auto type = text_key(*document, "type");
  if (!type) return failure(type.error());
  if (const auto* block = json::find(*document, "serving"); block != nullptr && !block->IsNull()) {
    if (auto applied = apply_serving(*block, serving); !applied) return failure(applied.error());
  }
  if (auto checked = packages::check_digests(folder, *document); !checked) return failure(checked.error());
  return Package{folder, *plugin, *type, std::move(*config)};
}

bool is_good_name(std::string_view name) { return packages::is_good_name(name); }

bool version_less(std::string_view left, std::string_view right) {
  const auto whole_left = left, whole_right = right;
  while (!left.empty() && !right.empty()) {
    const int order = compare_runs(next_run(left), next_run(right));
    if (order != 0) return order < 0;
  }
  if (left.empty() != right.empty()) return left.empty();
  return whole_left < whole_right;  // "1" and "01": some order
}

}  // namespace berth::hosting
