// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <utility>

#include "base/units.h"
#include "config/schema.h"

namespace berth::config {
namespace {

std::string span(std::string_view kind, std::string_view least, std::string_view most) {
  return std::string(kind).append(least).append(" to ").append(most);
}

// Turns every kind of key into one: key, default as YAML, what it accepts, explanation.
class Lines : public Fields {
 public:
  void number(Key key, std::size_t& value, Range range, Help help) override {
    line(key, std::to_string(value), span("", std::to_string(range.min), std::to_string(range.max)), help);
  }
  void size(Key key, std::size_t& bytes, Range range, Help help) override {
    line(key, format_size(bytes), span("size, ", format_size(range.min), format_size(range.max)), help);
  }
  void duration(Key key, milliseconds& value, Range range, Help help) override {
    const auto bound = [](std::size_t ms) { return format_duration(milliseconds(ms)); };
    line(key, format_duration(value), span("duration, ", bound(range.min), bound(range.max)), help);
  }
  void flag(Key key, bool& value, Help help) override { line(key, value ? "true" : "false", "true, false", help); }
  void text(Key key, std::string& value, Check, Help help) override {
    line(key, value.empty() ? "\"\"" : value, "text", help);
  }
  void choice(Key key, std::string_view& value, std::span<const std::string_view> choices, Help help) override {
    std::string names;
    for (const auto name : choices) names.append(names.empty() ? "" : ", ").append(name);
    line(key, std::string(value), names, help);
  }
  void texts(Key key, std::vector<std::string>&, Help help) override { line(key, "[]", "list of texts", help); }
  void path(Key key, std::filesystem::path&, Help help) override { line(key, "\"\"", "folder", help); }
  void paths(Key key, std::vector<std::filesystem::path>&, Help help) override {
    line(key, "[]", "list of folders", help);
  }

 protected:
  virtual void line(Key key, const std::string& value, const std::string& accepts, Help help) = 0;
};

class YamlWriter : public Lines {
 public:
  std::string text;

  void open(Key block, Help help) override {
    if (!text.ends_with(":\n")) text += '\n';
    comment(help);
    text.append(indent_).append(block).append(":\n");
    indent_ += "  ";
  }
  void close() override { indent_.resize(indent_.size() - 2); }
  void models(Key key, std::map<std::string, Serving>&, const Serving&, Help help) override {
    text += '\n';
    comment(help);
    text += std::string(key) + ": {}\n#  digits:\n#    workers: 2\n#    max_batch_delay: 5ms\n";
  }
  void deployments(Key key, std::map<std::string, Deployment>&, Help help) override {
    text += '\n';
    comment(help);
    text += std::string(key) + ": {}\n#  5f3c9a:\n#    model: digits\n#    users: [ada, bob]\n";
  }

 private:
  void line(Key key, const std::string& value, const std::string&, Help help) override {
    comment(help);
    text.append(indent_).append(key).append(": ").append(value).append("\n");
  }

  void comment(std::string_view help) {
    constexpr std::size_t kWidth = 110;
    std::string current = indent_ + "#";
    while (!help.empty()) {
      const auto word = help.substr(0, help.find(' '));
      if (current.size() + 1 + word.size() > kWidth) {
        text += current + "\n";
        current = indent_ + "#";
      }
      current.append(" ").append(word);
      help.remove_prefix(word.size() + (word.size() < help.size() ? 1 : 0));
    }
    text += current + "\n";
  }

  std::string indent_;
};

class MarkdownWriter : public Lines {
 public:
  std::string text;

  void open(Key block, Help help) override {
    text.append("\n").append(prefix_.empty() ? "##" : "###").append(" `").append(prefix_).append(block).append("`\n");
    text.append(help).append("\n");
    prefix_.append(block).append(".");
    in_table_ = false;
  }
  void close() override {
    prefix_.pop_back();
    prefix_.resize(prefix_.rfind('.') + 1);  // npos + 1: nothing
  }
  void models(Key key, std::map<std::string, Serving>&, const Serving&, Help help) override {
    text += std::string("\n## `") + std::string(key) + "`\n" + std::string(help) +
            "\n```yaml\nmodels:\n  digits:\n    workers: 2\n    max_batch_delay: 5ms\n```\n";
  }
  void deployments(Key key, std::map<std::string, Deployment>&, Help help) override {
    text += std::string("\n## `") + std::string(key) + "`\n" + std::string(help) +
            "\n```yaml\ndeployments:\n  5f3c9a:\n    model: digits\n    users: [ada, bob]\n```\n";
    prefix_ = std::string(key) + ".ID.";
    in_table_ = false;
    Deployment one;
    visit(one, *this);
    prefix_.clear();
  }

 private:
  static constexpr const char* kTableHead = "| key | default | accepts | meaning |\n|---|---|---|---|\n";

  void line(Key key, const std::string& value, const std::string& accepts, Help help) override {
    if (!std::exchange(in_table_, true)) text.append("\n").append(kTableHead);
    text +=
        "| `" + prefix_ + std::string(key) + "` | `" + value + "` | " + accepts + " | " + std::string(help) + " |\n";
  }

  std::string prefix_;  // the names of the open blocks, each with a dot
  bool in_table_ = false;
};

constexpr const char* kYamlHead =
    "# Berth's configuration: every key, with its default. `berth serve --config FILE` reads it; what a file leaves "
    "out\n"
    "# keeps its default, and a key that is not here, or a value that does not fit, is an error with its line.\n"
    "# Sizes: 64MiB, 8KiB, 1GiB, or bytes. Durations: 250ms, 10s, 2min, 1h.\n";

constexpr const char* kMarkdownHead =
    "# Configuration\n"
    "`berth serve --config FILE` reads one YAML file. [`config/berth.yaml`](../config/berth.yaml) holds every key with "
    "its\n"
    "default; a file needs only what differs. Options on the command line win over the file.\n\n"
    "A key that is not known, a value of the wrong type or out of range, and a key that is there twice are errors: "
    "the\n"
    "server says all of them at once, with file, line and key, and does not start.\n"
    "```\n"
    "berth.yaml:12: server.port: expected an integer 0..65535, got \"abc\"\n"
    "berth.yaml:14: limits.max_body_byte: unknown key, did you mean max_body_bytes?\n"
    "```\n"
    "Sizes are written `64MiB`, `8KiB`, `1GiB`, `10MB` or as bytes; durations `250ms`, `10s`, `2min`, `1h`.\n\n"
    "This page is made from the program's own table of keys, as the file is; a test compares them.\n";

template <typename Writer>
std::string written(const char* head) {
  Config defaults;
  Writer writer;
  visit(defaults, writer);
  return head + writer.text;
}

}  // namespace

std::string reference_yaml() { return written<YamlWriter>(kYamlHead); }
std::string reference_markdown() { return written<MarkdownWriter>(kMarkdownHead); }

}  // namespace berth::config
