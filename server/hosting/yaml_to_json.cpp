// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <set>
#include <string>

#include "base/json.h"
#include "hosting/package.h"

namespace berth::hosting {
namespace {

// Aliases can make a small file huge.
constexpr std::size_t kMaxJsonBytes = 4UL * 1024 * 1024;

template <typename T>
bool parse_number(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const auto word : words) {
    if (text == word) return true;
  }
  return false;
}

class Converter {
 public:
  Result<std::string> convert(const YAML::Node& root) {
    if (auto written = write(root, 0); !written) return failure(written.error());
    return std::string(buffer_.GetString(), buffer_.GetSize());
  }

 private:
  static tl::unexpected<Error> bad(const YAML::Node& node, const std::string& what) {
    return failure(Code::invalid_argument, "model.yaml, line " + std::to_string(node.Mark().line + 1) + ": " + what);
  }

  Result<> write(const YAML::Node& node, int depth) {
    if (depth >= json::kMaxDepth) return bad(node, "it is nested too deeply");
    if (buffer_.GetSize() > kMaxJsonBytes) return bad(node, "it becomes too large");
    switch (node.Type()) {
      case YAML::NodeType::Map: return write_map(node, depth);
      case YAML::NodeType::Sequence:
        writer_.StartArray();
        for (const auto& item : node) {
          if (auto written = write(item, depth + 1); !written) return written;
        }
        writer_.EndArray();
        return {};
      case YAML::NodeType::Scalar: return write_scalar(node);
      default: writer_.Null(); return {};
    }
  }

  Result<> write_map(const YAML::Node& node, int depth) {
    std::set<std::string, std::less<>> seen;
    writer_.StartObject();
    for (const auto& member : node) {
      if (!member.first.IsScalar()) return bad(member.first, "a key must be a text");
      const auto& key = member.first.Scalar();
      if (!seen.insert(key).second) return bad(member.first, "the key `" + key + "` appears twice");
      writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
      if (auto written = write(member.second, depth + 1); !written) return written;
    }
    writer_.EndObject();
    return {};
  }

  Result<> write_scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    const bool plain = node.Tag() == "?" || node.Tag().empty();
    std::int64_t integer = 0;
    double number = 0;
    if (!plain) return write_text(text);
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"}))
      writer_.Null();
    else if (is_one_of(text, {"true", "True", "TRUE"}))
      writer_.Bool(true);
    else if (is_one_of(text, {"false", "False", "FALSE"}))
      writer_.Bool(false);
    else if (parse_number(text, integer))
      writer_.Int64(integer);
    else if (is_one_of(text, {".inf", "-.inf", "+.inf", ".nan", ".Inf", "-.Inf", ".NaN"})) {
      return bad(node, "`" + text + "` is no number that JSON has");
    } else if (text.find_first_of("0123456789") != std::string::npos && parse_number(text, number) &&
               std::isfinite(number)) {
      writer_.Double(number);
    } else {
      return write_text(text);
    }
    return {};
  }

  Result<> write_text(const std::string& text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return {};
  }

  json::Buffer buffer_;
  json::Writer writer_{buffer_};
};

}  // namespace

Result<std::string> yaml_to_json(std::string_view yaml) {
  try {
    return Converter().convert(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& wrong) {
    return failure(Code::invalid_argument,
                   "model.yaml, line " + std::to_string(wrong.mark.line + 1) + ": " + wrong.msg);
  }
}

}  // namespace berth::hosting
