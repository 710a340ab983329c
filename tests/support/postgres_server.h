// SPDX-License-Identifier: Apache-2.0
// PostgresServer: a PostgreSQL of a test's own: in a folder, on a socket, gone with the test.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/command.h"
#include "support/temp_folder.h"

namespace berth::test {

class PostgresServer {
 public:
  // Where Debian has its programs; "" where it is not installed.
  static std::string programs() {
    std::string found;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
      if (std::filesystem::exists(version.path() / "bin" / "initdb")) found = version.path() / "bin";
    }
    // A run that has seen to it must not pass without.
    if (found.empty() && std::getenv("BERTH_REQUIRE_POSTGRESQL") != nullptr) {
      throw std::runtime_error("PostgreSQL is not installed");
    }
    return found;
  }

  // Throws std::runtime_error with what it said where it does not start.
  PostgresServer() {
    // It refuses to run as root.
    if (::geteuid() == 0) run_or_throw("chown postgres " + folder_.path().string());
    as_its_user("initdb --pgdata=" + data() + " --auth=trust --username=berth --no-sync --encoding=UTF8 --locale=C");
    start();
  }
  ~PostgresServer() { stop(); }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void start() {
    as_its_user("pg_ctl --pgdata=" + data() + " --wait --log=" + (folder_ / "log").string() +
                " --options=\"-c listen_addresses= -c unix_socket_directories=" + folder_.path().string() +
                " -c max_connections=30 -c shared_buffers=16MB -c wal_writer_delay=10s\" start");
  }
  // As when its machine loses power: open transactions are gone, and mostly what was committed without waiting for the
  // disk, for nothing else takes it there soon.
  void stop() { run(its_user("pg_ctl --pgdata=" + data() + " --mode=immediate --wait stop")); }

  // A new, empty database.
  std::string make_database() {
    const auto name = "test" + std::to_string(++databases_);
    as_its_user("createdb --host=" + folder_.path().string() + " --username=berth " + name);
    return "postgresql://berth@/" + name + "?host=" + folder_.path().string();
  }

 private:
  std::string data() const { return (folder_ / "data").string(); }

  std::string its_user(const std::string& command) const {
    const auto full = programs() + "/" + command + " 2>&1 >" + (folder_ / "said").string() + " </dev/null";
    return ::geteuid() == 0 ? "cd /tmp && setpriv --reuid=postgres --regid=postgres --clear-groups sh -c '" + full + "'"
                            : full;
  }
  void as_its_user(const std::string& command) const { run_or_throw(its_user(command)); }
  static void run_or_throw(const std::string& command) {
    const auto ended = run(command);
    if (ended.code != 0) throw std::runtime_error(command + ": " + ended.output);
  }

  TempFolder folder_;
  int databases_ = 0;
};

// One for a whole test program; null where PostgreSQL is not installed.
inline PostgresServer* shared_postgres() {
  static const auto server = PostgresServer::programs().empty() ? nullptr : std::make_unique<PostgresServer>();
  return server.get();
}

}  // namespace berth::test
