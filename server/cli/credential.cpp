// SPDX-License-Identifier: Apache-2.0
#include "cli/credential.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "config/installation.h"
#include "http/address.h"
#include "identity/secret_files.h"

namespace berth::cli {
namespace {

// Whether a URL's host is this machine: a key that nobody named is shown to no other.
bool is_here(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == url.npos) return false;
  auto host = url.substr(begin + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != host.npos) return false;
  host = host.starts_with('[') ? host.substr(1, host.find(']') - 1) : host.substr(0, host.find(':'));
  return host == "localhost" || http::is_loopback(std::string(host));
}

}  // namespace

void add_key_option(CLI::App& command, std::string& key_file) {
  command
      .add_option("--key-file", key_file,
                  "A file with the API key to show; else $BERTH_API_KEY, else, where it has to be, the first admin's")
      ->type_name("FILE");
}

Result<Key> find_key(const std::string& key_file, const std::string& url) {
  if (!key_file.empty()) {
    return identity::read_secret(key_file).map([](std::string text) { return Key{.text = std::move(text)}; });
  }
  if (const char* key = std::getenv("BERTH_API_KEY"); key != nullptr && *key != '\0') return Key{.text = key};
  if (!is_here(url)) return Key{};
  auto found = identity::read_secret(config::default_state_dir() / "admin.key");
  return found ? Key{.text = *std::move(found), .is_guess = true} : Key{};
}

}  // namespace berth::cli
