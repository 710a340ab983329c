// SPDX-License-Identifier: Apache-2.0
// Schema: every key of the configuration, named, bounded and explained in one place; reading, documenting and testing
// it are visitors.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace berth::config {

// Inclusive.
struct Range {
  std::size_t min = 0;
  std::size_t max = 0;
};

// Whether a text will do; "" or what was expected instead.
using Check = std::string_view (*)(const std::string&);

// Called for each key in the order of the file: a block's own keys before the blocks in it. A visitor may change what
// it is given.
class Fields {
 public:
  using Key = std::string_view;
  using Help = std::string_view;

  virtual ~Fields() = default;
  virtual void open(Key block, Help help) = 0;
  virtual void close() = 0;
  virtual void number(Key key, std::size_t& value, Range range, Help help) = 0;
  virtual void size(Key key, std::size_t& bytes, Range range, Help help) = 0;
  virtual void duration(Key key, milliseconds& value, Range range_ms, Help help) = 0;
  virtual void flag(Key key, bool& value, Help help) = 0;
  virtual void text(Key key, std::string& value, Check check, Help help) = 0;
  virtual void choice(Key key, std::string_view& value, std::span<const std::string_view> choices, Help help) = 0;
  virtual void texts(Key key, std::vector<std::string>& values, Help help) = 0;
  virtual void path(Key key, std::filesystem::path& value, Help help) = 0;
  virtual void paths(Key key, std::vector<std::filesystem::path>& values, Help help) = 0;
  // Whether what the block says fits together; `expected` is said of the key where it does not.
  virtual void require(bool /*holds*/, Key /*key*/, Help /*expected*/) {}
  // Blocks by name, each with the keys that visit(Deployment&, …) names.
  virtual void deployments(Key key, std::map<std::string, Deployment>& deployments, Help help) = 0;
  // Blocks by name, each with the keys that visit(Serving&, …) names and with `defaults` where it says nothing.
  virtual void models(Key key, std::map<std::string, Serving>& models, const Serving& defaults, Help help) = 0;
};

// Each of these takes its struct apart with a structured binding, so that a member without a key does not compile.
void visit(Config& config, Fields& fields);
void visit(Serving& serving, Fields& fields);
void visit(Deployment& deployment, Fields& fields);

std::string_view expected_ip(const std::string& text);
std::string_view expected_versions(const std::string& text);
std::string_view expected_base_path(const std::string& text);
std::string_view expected_database(const std::string& text);

}  // namespace berth::config
