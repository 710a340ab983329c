// SPDX-License-Identifier: Apache-2.0
// DatabaseUrl: which database, as an operator names it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::store {

enum class DatabaseKind { sqlite, postgresql };

struct DatabaseUrl {
  DatabaseKind kind = DatabaseKind::sqlite;
  std::filesystem::path file = {};  // sqlite
  std::string connection = {};      // postgresql: the whole URL, for libpq
};

// "sqlite:FILE" or "postgresql://[USER[:PASSWORD]@][HOST][:PORT]/NAME[?OPTION=…]" ("postgres://" too), as libpq reads
// it. invalid_argument says which forms there are. [any]
Result<DatabaseUrl> parse_database_url(std::string_view url);

// Where SQLite has it: the file at the end of links, even of one that leads to none yet. What belongs to a database
// (its log, Berth's lock) stands beside that. [any, blocks]
std::filesystem::path real_file(std::filesystem::path file);

// The same without passwords, for the log and for people. [any]
std::string without_password(std::string_view url);

}  // namespace berth::store
