// SPDX-License-Identifier: Apache-2.0
// AccountsState: what the files share that Accounts is made of: one looks up, one changes. Nobody else needs it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task_threads.h"
#include "identity/account_book.h"
#include "identity/accounts.h"

namespace berth::identity {

tl::unexpected<Error> no_user(std::int64_t id);
std::string target_of_user(std::int64_t id);  // in the audit log
void audit(soci::session& sql, const Actor& actor, std::string action, const std::string& target, std::string detail);

struct Accounts::State : std::enable_shared_from_this<State> {
  State(store::Database& database_in, Options options_in)
      : database(database_in),
        options(std::move(options_in)),
        passwords(
            {.name = "passwords", .threads = options.password_threads, .max_waiting = options.max_waiting_passwords}) {}

  std::string now_text() const;

  // Reads what the database holds, which is in memory once that is committed; an empty one gets its first admin. `done`
  // is told when that is on disk.
  void load(Done<> done);
  // busy, and it is tried again: they have not been read.
  Result<> check_loaded();

  // A change of the database: `work` makes it by what the memory says. `remember` tells the memory once it is
  // committed, before the next change's work, for nobody else may change the book: on disk or not, the database has it.
  // `answer` is what whoever waits is told once it is on disk.
  template <typename T, typename Work, typename Remember, typename Answer>
  void change(Work work, Remember remember, Answer answer, Done<T> done) {
    if (auto loaded = check_loaded(); !loaded) return done(tl::unexpected<Error>(loaded.error()));
    auto told = [answer = std::move(answer), done = std::move(done)](Result<> result) {
      if (!result) return done(tl::unexpected<Error>(std::move(result.error())));
      done(answer());
    };
    database.write(std::move(work), std::move(told), store::Sync::now, std::move(remember));
  }

  // nullopt: a new user.
  void write(std::optional<std::int64_t> id, UserChange wanted, Actor actor, Done<User> done);
  // Keeps the same password at the cost that is asked for now; for that user's as it was when it was checked. Whoever
  // logged in does not wait for it, and a failure goes to the log: the next login tries again. [blocks]
  void rehash(const store::UserRow& checked, const std::string& password);

  store::Database& database;
  const Options options;
  AccountBook book;
  std::atomic<bool> loading = false;
  // Of nobody's password, so that checking one of somebody who is not there takes as long.
  std::string decoy;
  TaskThreads passwords;  // last: its tasks use the others

 private:
  struct Rows {
    std::vector<store::UserRow> users;
    std::vector<store::KeyRow> keys;
  };
  Result<> read(soci::session& sql, Rows& rows) const;
  void write_user(std::optional<std::int64_t> id, UserChange wanted, std::string hash, Actor actor, Done<User> done);
};

}  // namespace berth::identity
