// SPDX-License-Identifier: Apache-2.0
#include "records/commits.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace berth::records {
namespace {

// But for those that have failed already.
void insert(std::span<const Row> rows, std::span<const Result<>> results, soci::session& sql) {
  std::vector<const store::RequestRow*> requests;
  std::vector<const store::ResponseRow*> responses;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!results.empty() && !results[i]) continue;
    if (rows[i].request) requests.push_back(rows[i].request.get());
    if (rows[i].response) responses.push_back(rows[i].response.get());
  }
  store::insert(sql, requests);
  store::insert(sql, responses);
}

// Trying again later helps.
bool is_passing(Code code) { return code == Code::unavailable || code == Code::busy; }

}  // namespace

void Commits::add(Row row) {
  BatchPtr batch;
  store::Database::Done refused;
  {
    const Lock lock(mutex_);
    if (added_ - told_ < options_.max_waiting) {
      ++added_;
      waiting_.push_back(std::move(row));
      if (!database_is_away_) batch = next_batch();
    } else {
      refused = std::move(row.done);
    }
  }
  if (refused) {
    refused(failure({.code = Code::busy,
                     .message = "too many records wait for the database",
                     .retry_after = std::chrono::seconds(1)}));
  }
  if (batch) write(batch);
}

void Commits::retry() {
  BatchPtr batch;
  {
    const Lock lock(mutex_);
    database_is_away_ = false;
    batch = next_batch();
  }
  if (batch) write(batch);
}

void Commits::settle() {
  const Lock lock(mutex_);
  const auto now = added_;
  while (told_ < now && !database_is_away_) told_some_.wait(mutex_);
}

void Commits::close() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  retry();
  const Lock lock(mutex_);
  while (told_ < added_) told_some_.wait(mutex_);
}

Commits::BatchPtr Commits::next_batch() {
  if (is_on_its_way_ || waiting_.empty()) return nullptr;
  is_on_its_way_ = true;
  return std::make_shared<Batch>(Batch{std::exchange(waiting_, {})});
}

void Commits::write(const BatchPtr& batch, store::Database::Work work, store::Database::Done done) {
  const bool now = std::ranges::any_of(batch->rows, [](const Row& row) { return row.sync == store::Sync::now; });
  database_.write(std::move(work), std::move(done), now ? store::Sync::now : store::Sync::later,
                  [self = shared_from_this(), batch] { self->committed(*batch); });
}

void Commits::write(const BatchPtr& batch) {
  const auto work = [self = shared_from_this(), batch](soci::session& sql) -> Result<> {
    batch->results = self->refuse_orphans(batch->rows, sql);
    insert(batch->rows, batch->results, sql);
    return {};
  };
  write(batch, work, [self = shared_from_this(), batch](const Result<>& result) {
    // One of them is at fault, and shall not cost the others their place.
    const bool others = !result && !is_passing(result.error().code) && batch->rows.size() > 1;
    others ? self->write_singly(batch) : self->written(batch, result);
  });
}

void Commits::write_singly(const BatchPtr& batch) {
  const auto work = [self = shared_from_this(), batch](soci::session& sql) -> Result<> {
    batch->results = self->refuse_orphans(batch->rows, sql);
    batch->results.resize(batch->rows.size());
    for (std::size_t i = 0; i < batch->rows.size(); ++i) {
      auto& result = batch->results[i];
      if (result) result = store::try_alone(sql, [&row = batch->rows[i], &sql] { insert({&row, 1}, {}, sql); });
    }
    return {};
  };
  write(batch, work, [self = shared_from_this(), batch](const Result<>& result) { self->written(batch, result); });
}

std::vector<Result<>> Commits::refuse_orphans(const std::vector<Row>& rows, soci::session& sql) {
  if (const auto now = database_.connection(); now != connection_) {
    connection_ = now;
    doubtful_ = newest_;
  }
  std::vector<Result<>> results;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    if (row.request) newest_ = std::max(newest_, row.request->id);
    if (row.request || row.sync == store::Sync::later || row.response->request_id > doubtful_) continue;
    if (store::has_request(sql, row.response->request_id)) continue;
    results.resize(rows.size());
    results[i] = failure(Code::unavailable, "the database has lost the record of the request");
  }
  return results;
}

void Commits::committed(Batch& batch) {
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    auto& row = batch.rows[i];
    if (row.sync == store::Sync::later) {
      std::exchange(row.done, {})(batch.results.empty() ? Result<>() : batch.results[i]);
    }
  }
}

void Commits::written(const BatchPtr& batch, const Result<>& result) {
  BatchPtr next;
  {
    const Lock lock(mutex_);
    is_on_its_way_ = false;
    if (options_.patient && !closing_ && !result && is_passing(result.error().code)) {
      // Those that came meanwhile go behind them.
      database_is_away_ = true;
      std::ranges::move(waiting_, std::back_inserter(batch->rows));
      waiting_ = std::exchange(batch->rows, {});
    } else {
      next = next_batch();
    }
  }
  if (next) write(next);
  for (std::size_t i = 0; i < batch->rows.size(); ++i) {
    const auto& done = batch->rows[i].done;
    if (done) done(result && !batch->results.empty() ? batch->results[i] : result);
  }
  const Lock lock(mutex_);
  told_ += batch->rows.size();
  told_some_.notify_all();
}

}  // namespace berth::records
