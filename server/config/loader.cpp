// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/units.h"
#include "config/config.h"
#include "config/schema.h"
#include "config/suggestion.h"

namespace berth::config {
namespace {

std::string quoted(const std::string& text) {
  constexpr std::size_t kShown = 60;
  return '"' + (text.size() > kShown ? text.substr(0, kShown) + "…" : text) + '"';
}

std::string describe(const YAML::Node& node) {
  if (node.IsScalar()) return quoted(node.Scalar());
  return node.IsSequence() ? "a list" : node.IsMap() ? "a block" : "nothing";
}

std::string between(std::string first, std::string last) { return std::move(first) + ".." + std::move(last); }

// Fills values from a YAML tree, key by key, and collects every mistake. A key that is absent leaves its value alone.
class Loader : public Fields {
 public:
  Loader(const YAML::Node& root, const std::string& file_name) : file_name_(file_name) { push(root, ""); }

  // Call after visiting: what is left over is unknown.
  std::vector<std::string> finish() {
    report_unknown();
    std::ranges::stable_sort(mistakes_, {}, &Mistake::line);
    std::vector<std::string> lines;
    for (const auto& mistake : mistakes_) lines.push_back(mistake.text);
    return lines;
  }

  void open(Key block, Help) override {
    const auto node = take(block);
    const bool is_block = !node || node->IsMap() || node->IsNull();
    if (!is_block) complain(*node, path_of(block), "expected a block of keys, got " + describe(*node));
    push(node.value_or(YAML::Node()), path_of(block));
  }

  void close() override {
    report_unknown();
    frames_.pop_back();
  }

  void number(Key key, std::size_t& value, Range range, Help) override {
    scalar(key, value, parse_number, range,
           "an integer " + between(std::to_string(range.min), std::to_string(range.max)));
  }

  void size(Key key, std::size_t& bytes, Range range, Help) override {
    scalar(key, bytes, parse_size, range,
           "a size such as 64MiB, " + between(format_size(range.min), format_size(range.max)));
  }

  void duration(Key key, milliseconds& value, Range range, Help) override {
    const auto parse = [](std::string_view text) -> std::optional<std::size_t> {
      const auto parsed = parse_duration(text);
      return parsed ? std::optional(static_cast<std::size_t>(parsed->count())) : std::nullopt;
    };
    const auto bound = [](std::size_t ms) { return format_duration(milliseconds(ms)); };
    auto count = static_cast<std::size_t>(value.count());
    scalar(key, count, parse, range, "a duration such as 10s or 250ms, " + between(bound(range.min), bound(range.max)));
    value = milliseconds(count);
  }

  void flag(Key key, bool& value, Help) override {
    const auto node = take(key);
    if (!node) return;
    const auto text = node->IsScalar() ? node->Scalar() : "";
    if (text != "true" && text != "false")
      return complain(*node, path_of(key), "expected true or false, got " + describe(*node));
    value = text == "true";
  }

  void text(Key key, std::string& value, Check check, Help) override {
    const auto node = take(key);
    if (!node) return;
    const auto expected = node->IsScalar() ? check(node->Scalar()) : "a text";
    if (!expected.empty()) {
      return complain(*node, path_of(key), "expected " + std::string(expected) + ", got " + describe(*node));
    }
    value = node->Scalar();
  }

  void choice(Key key, std::string_view& value, std::span<const std::string_view> choices, Help) override {
    const auto node = take(key);
    if (!node) return;
    const auto chosen = std::ranges::find(choices, node->IsScalar() ? node->Scalar() : "");
    if (chosen != choices.end()) {
      value = *chosen;
      return;
    }
    std::string names;
    for (const auto name : choices) names.append(names.empty() ? "" : ", ").append(name);
    complain(*node, path_of(key), "expected one of " + names + ", got " + describe(*node));
  }

  void texts(Key key, std::vector<std::string>& values, Help) override {
    const auto node = take(key);
    if (!node) return;
    if (!node->IsSequence() || !std::ranges::all_of(*node, [](const auto& item) { return item.IsScalar(); })) {
      return complain(*node, path_of(key), "expected a list of texts, got " + describe(*node));
    }
    values.clear();
    for (const auto& item : *node) values.push_back(item.Scalar());
  }

  void path(Key key, std::filesystem::path& value, Help help) override {
    auto raw = value.string();
    text(
        key, raw, [](const std::string&) { return std::string_view(); }, help);
    value = raw;
  }

  void paths(Key key, std::vector<std::filesystem::path>& values, Help help) override {
    std::vector<std::string> raw(values.begin(), values.end());
    texts(key, raw, help);
    values.assign(raw.begin(), raw.end());
  }

  void require(bool holds, Key key, Help expected) override {
    const YAML::Node& block = frames_.back().node;  // constant: the other operator[] would add the key
    if (holds || !block.IsMap()) return;            // a block that is not there was complained of where it is
    const YAML::Node found = block[std::string(key)];
    complain(found.IsDefined() ? found : block, path_of(key), std::string(expected));
  }

  void models(Key key, std::map<std::string, Serving>& models, const Serving& defaults, Help help) override {
    by_name(key, models, defaults, help);
  }
  void deployments(Key key, std::map<std::string, Deployment>& deployments, Help help) override {
    by_name(key, deployments, Deployment(), help);
  }

 private:
  struct Frame {
    YAML::Node node;  // a map, or anything else where the file has no such block
    std::string path;
    std::vector<std::string> known;
  };
  struct Mistake {
    int line;
    std::string text;
  };

  void push(const YAML::Node& node, std::string path) { frames_.push_back({node, std::move(path), {}}); }

  std::string path_of(Key key) const {
    const auto& path = frames_.back().path;
    return path.empty() ? std::string(key) : path + "." + std::string(key);
  }

  // The value of a key in the current block, which is thereby known; nullopt where the file does not have it.
  std::optional<YAML::Node> take(Key key) {
    auto& frame = frames_.back();
    frame.known.emplace_back(key);
    if (!frame.node.IsMap()) return std::nullopt;
    const YAML::Node& constant = frame.node;  // the other operator[] would add the key
    const YAML::Node found = constant[std::string(key)];
    return found.IsDefined() ? std::optional(found) : std::nullopt;
  }

  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    if (!frames_.back().node.IsMap()) return names;
    for (const auto& entry : frames_.back().node) names.push_back(entry.first.Scalar());
    return names;
  }

  template <typename Block>
  void by_name(Key key, std::map<std::string, Block>& blocks, const Block& defaults, Help help) {
    open(key, help);
    for (const auto& name : keys()) {
      auto block = defaults;
      open(name, "");
      visit(block, *this);
      close();
      blocks.emplace(name, std::move(block));
    }
    close();
  }

  template <typename Parse>
  void scalar(Key key, std::size_t& value, Parse parse, Range range, const std::string& expected) {
    const auto node = take(key);
    if (!node) {  // what another key says can make a default unfit
      if (value < range.min)
        complain(frames_.back().node, path_of(key), "its default is too small: expected " + expected);
      return;
    }
    const auto parsed = node->IsScalar() ? parse(node->Scalar()) : std::nullopt;
    if (!parsed || *parsed < range.min || *parsed > range.max) {
      return complain(*node, path_of(key), "expected " + expected + ", got " + describe(*node));
    }
    value = *parsed;
  }

  void report_unknown() {
    const auto& frame = frames_.back();
    if (!frame.node.IsMap()) return;
    std::vector<std::string> seen;
    for (const auto& entry : frame.node) {
      const auto name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::ranges::find(seen, name) != seen.end()) {
        complain(entry.first, path_of(name), "this key is there twice");
      } else if (std::ranges::find(frame.known, name) == frame.known.end()) {
        const auto nearest = suggest(name, frame.known, frames_.size() == 1 ? all_keys() : std::vector<std::string>{});
        complain(entry.first, path_of(name),
                 "unknown key" + (nearest.empty() ? "" : ", did you mean " + nearest + "?"));
      }
      seen.push_back(name);
    }
  }

  void complain(const YAML::Node& node, const std::string& path, const std::string& what) {
    const int line = node.Mark().line + 1;
    mistakes_.push_back({line, file_name_ + ":" + std::to_string(line) + ": " + path + ": " + what});
  }

  const std::string& file_name_;
  std::vector<Frame> frames_;
  std::vector<Mistake> mistakes_;
};

tl::unexpected<Error> broken(const std::string& file_name, const YAML::Mark& mark, const std::string& what) {
  return failure(Code::invalid_argument, file_name + ":" + std::to_string(mark.line + 1) + ": " + what);
}

void make_absolute(std::filesystem::path& path, const std::filesystem::path& folder) {
  if (!path.empty() && path.is_relative()) path = (folder / path).lexically_normal();
}

}  // namespace

Result<Config> parse(const std::string& text, const std::string& file_name) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    return broken(file_name, error.mark, "not YAML: " + error.msg);
  }
  Config config;
  if (documents.empty()) return config;
  if (documents.size() > 1) return broken(file_name, documents[1].Mark(), "a second document; one is enough");
  const auto& root = documents.front();
  if (root.IsNull()) return config;
  if (!root.IsMap()) return broken(file_name, root.Mark(), "expected keys with values");

  Loader loader(root, file_name);
  visit(config, loader);
  const auto mistakes = loader.finish();
  if (mistakes.empty()) return config;
  std::string message;
  for (const auto& mistake : mistakes) message += (message.empty() ? "" : "\n") + mistake;
  return failure(Code::invalid_argument, message);
}

Result<Config> load(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) {  // a folder opens, too
    return failure(Code::not_found, "cannot read the configuration " + file.string());
  }
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  auto config = parse(text, file.string());
  if (!config) return config;
  const auto folder = std::filesystem::absolute(file).parent_path();
  make_absolute(config->server.models_dir, folder);
  make_absolute(config->server.data_dir, folder);
  make_absolute(config->server.state_dir, folder);
  make_absolute(config->server.scratch_dir, folder);
  for (auto& key : config->identity.token_keys) make_absolute(key, folder);
  for (auto& plugins_dir : config->server.plugins_dirs) make_absolute(plugins_dir, folder);
  return config;
}

}  // namespace berth::config
