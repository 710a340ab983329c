// SPDX-License-Identifier: Apache-2.0
// Commits: rows are written many together: while one commit is being made, what comes waits for the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "store/database.h"
#include "store/records.h"

namespace berth::records {

// A request, the response to one that is kept already, or both; and who is told whether they were written.
struct Row {
  std::unique_ptr<const store::RequestRow> request = {};
  std::unique_ptr<const store::ResponseRow> response = {};
  store::Sync sync = store::Sync::now;  // when `done` is told
  std::function<void(Result<>)> done = {};
};

class Commits : public std::enable_shared_from_this<Commits> {
 public:
  struct Options {
    std::size_t max_waiting = 10'000;  // rows that have not been told
    // What could not be written, because the database is away, waits until it is back; else it fails at once.
    bool patient = false;
  };
  Commits(store::Database& database, Options options) : database_(database), options_(options) {}

  // `done` is told on a thread of the database. Errors: busy (max_waiting, on the calling thread), the database's. A
  // row that the database does not take fails alone. [any]
  void add(Row row);
  // Tries again what waits for the database to come back. [any]
  void retry();
  // Waits until the rows that are there have been told, or the database is away. [blocks]
  void settle();
  // Waits until every row has been told; what cannot be written now fails. Nothing may follow. [blocks]
  void close();

 private:
  // Of one transaction.
  struct Batch {
    std::vector<Row> rows;
    std::vector<Result<>> results = {};  // of each, where they are not all the same
  };
  using BatchPtr = std::shared_ptr<Batch>;

  // What to write now, if anything: then it is on its way.
  BatchPtr next_batch() BERTH_REQUIRES(mutex_);
  void write(const BatchPtr& batch);
  void write(const BatchPtr& batch, store::Database::Work work, store::Database::Done done);
  void write_singly(const BatchPtr& batch);
  // Fails those that are responses to be on disk whose request, which was committed before, is there no more: the
  // database's server died before it was on disk. Empty: none fails. [in the work of a write]
  std::vector<Result<>> refuse_orphans(const std::vector<Row>& rows, soci::session& sql);
  void committed(Batch& batch);
  void written(const BatchPtr& batch, const Result<>& result);

  store::Database& database_;
  const Options options_;
  // Of requests: what another connection than the one of now may have committed has ids up to `doubtful_`. [in the work
  // of a write]
  std::uint64_t connection_ = 0;
  std::int64_t newest_ = 0, doubtful_ = 0;
  Mutex mutex_;
  Condition told_some_;
  std::vector<Row> waiting_ BERTH_GUARDED_BY(mutex_);
  std::uint64_t added_ BERTH_GUARDED_BY(mutex_) = 0;  // rows, since the start
  std::uint64_t told_ BERTH_GUARDED_BY(mutex_) = 0;
  bool is_on_its_way_ BERTH_GUARDED_BY(mutex_) = false;  // a batch
  bool database_is_away_ BERTH_GUARDED_BY(mutex_) = false;
  bool closing_ BERTH_GUARDED_BY(mutex_) = false;
};

}  // namespace berth::records
