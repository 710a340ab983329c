// SPDX-License-Identifier: Apache-2.0
#include "store/database_url.h"

#include <algorithm>
#include <cctype>

namespace berth::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgresql = "postgresql://";
constexpr std::string_view kPostgres = "postgres://";

// The value of a password=… among a URL's options, wherever it stands.
void mask_option(std::string& url) {
  constexpr std::string_view kOption = "password=";
  const auto query = url.find('?');
  if (query == url.npos) return;
  for (auto at = url.find(kOption, query); at != url.npos; at = url.find(kOption, at)) {
    at += kOption.size();
    const auto end = std::min(url.find('&', at), url.size());
    url.replace(at, end - at, "***");
  }
}

}  // namespace

Result<DatabaseUrl> parse_database_url(std::string_view url) {
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return DatabaseUrl{.kind = DatabaseKind::sqlite, .file = url.substr(kSqlite.size()), .connection = {}};
  }
  if (url.starts_with(kPostgresql) || url.starts_with(kPostgres)) {
    return DatabaseUrl{.kind = DatabaseKind::postgresql, .file = {}, .connection = std::string(url)};
  }
  return failure(Code::invalid_argument,
                 "a database is sqlite:FILE or postgresql://USER@HOST/NAME, not '" + without_password(url) + "'");
}

std::filesystem::path real_file(std::filesystem::path file) {
  constexpr int kMaxLinks = 40;  // as the system follows
  std::error_code error;
  for (int i = 0; i < kMaxLinks && is_symlink(symlink_status(file, error)); ++i) {
    file = file.parent_path() / read_symlink(file, error);
  }
  auto real = weakly_canonical(file, error);
  return error ? file : real;
}

std::string without_password(std::string_view url) {
  std::string shown(url);
  const auto begin = shown.find("://");
  if (begin == shown.npos) return shown;
  const auto host = shown.find_first_of("/?", begin + 3);
  const auto at = shown.rfind('@', host);
  const auto colon = shown.find(':', begin + 3);
  if (at != shown.npos && at > begin && colon < at) shown.replace(colon + 1, at - colon - 1, "***");
  mask_option(shown);
  return shown;
}

}  // namespace berth::store
