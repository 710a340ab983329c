// SPDX-License-Identifier: Apache-2.0
// Records: every request to a model and its response, kept in the database.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/loop.h"
#include "base/result.h"
#include "store/database.h"
#include "store/records.h"

namespace berth::records {

enum class Mode {
  off,
  async,    // it is kept soon: a server that is killed may lose the last ones
  durable,  // it is committed before anything else happens, and on disk before the response leaves
};

struct Options {
  // Where a call goes on once its record is kept: on the loop that asked for it, or else on one of these, which must
  // outlive it. Empty: on a thread of the database.
  std::vector<Loop*> loops = {};
  std::size_t max_waiting = 10'000;                     // records that wait for the database; beyond: see keep()
  std::size_t max_waiting_bytes = 256UL * 1024 * 1024;  // files of requests that wait for the folder; beyond: likewise
  std::filesystem::path media_folder = {};  // where files of requests are kept, see media.h; "": they are not
  std::chrono::seconds max_age{0};          // older ones are removed; 0: none are
  std::uint64_t max_bytes = 0;              // the oldest are removed while all hold more; 0: none are
  std::chrono::milliseconds sweep_every{60'000};
};

// What is to be kept: a request, the response to one that is kept already, or both.
struct Entry {
  std::optional<store::RequestRow> request = {};
  std::vector<Bytes> files = {};  // of the request
  std::optional<store::ResponseRow> response = {};
};

// When a request came that has this id: "2026-11-22T10:00:00.123456Z". [any]
std::string time_of(std::int64_t id);

class Records {
 public:
  template <typename T = void>
  using Done = std::function<void(Result<T>)>;

  // `database` must outlive it.
  Records(store::Database& database, Options options);
  ~Records();  // keeps what waits, as far as the database can be used

  // The id of a request that comes now: microseconds since 1970, never twice, never smaller than one before. [any]
  std::int64_t new_id();
  // Whether files of requests are kept, so that it is worth handing them over.
  bool keeps_files() const;

  // `mode` must not be off. durable: `done` is told once it is committed, and where it holds a response, on disk, the
  // request too; unavailable: it is not, busy: too much waits already. async: `done` is told good before this returns;
  // what cannot be kept in the end is counted (lost()) and logged. Many are committed together. [any]
  void keep(Entry entry, Mode mode, Done<> done);
  // How many were not kept since the start, of those that were to be async. [any]
  std::uint64_t lost() const;

  // As store's. `done` is told on a thread of the database. [any]
  void find(store::RecordQuery query, Done<store::RecordPage> done);
  void find(std::int64_t id, Done<std::optional<store::Record>> done);
  void totals(Done<store::RecordTotals> done);
  // What is still on its way to keep() is waited for by `settle` before a user's records are removed; null: nothing is.
  // Returns once the one before is not running any more. [any, blocks]
  void set_upstream(std::function<void()> settle);
  // Removes all that this user asked and was answered, files too; told how many those were. [any]
  void remove_of_user(std::int64_t user_id, Done<std::int64_t> done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::records
