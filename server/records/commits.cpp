// SPDX-License-Identifier: Apache-2.0
#include "records/commits.h"

#include <iterator>
#include <span>
#include <utility>

namespace berth::records {
namespace {

void insert(std::span<const Row> rows, soci::session& sql) {
  std::vector<const store::RequestRow*> requests;
  std::vector<const store::ResponseRow*> responses;
  for (const auto& row : rows) {
    if (row.request) requests.push_back(row.request.get());
    if (row.response) responses.push_back(row.response.get());
  }
  store::insert(sql, requests);
  store::insert(sql, responses);
}

// Trying again later helps.
bool is_passing(Code code) { return code == Code::unavailable || code == Code::busy; }

}  // namespace

void Commits::add(Row row) {
  Next batch;
  {
    const Lock lock(mutex_);
    if (waiting_.size() < options_.max_waiting) {
      waiting_.push_back(std::move(row));
      if (!database_is_away_) batch = next_batch();
      row.done = nullptr;
    }
  }
  if (row.done) {
    row.done(failure({.code = Code::busy,
                      .message = "too many records wait for the database",
                      .retry_after = std::chrono::seconds(1)}));
  }
  if (batch) write(batch);
}

void Commits::retry() {
  Next batch;
  {
    const Lock lock(mutex_);
    database_is_away_ = false;
    batch = next_batch();
  }
  if (batch) write(batch);
}

void Commits::close() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  retry();
  const Lock lock(mutex_);
  while (on_its_way_) idle_.wait(mutex_);
}

Commits::Next Commits::next_batch() {
  if (on_its_way_ || waiting_.empty()) return nullptr;
  on_its_way_ = true;
  return std::make_shared<Batch>(Batch{std::exchange(waiting_, {})});
}

void Commits::write(const Next& batch) {
  database_.write(
      [batch](soci::session& sql) -> Result<> {
        insert(batch->rows, sql);
        return {};
      },
      [self = shared_from_this(), batch](const Result<>& result) {
        // One of them is at fault, and shall not cost the others their place.
        const bool others = !result && !is_passing(result.error().code) && batch->rows.size() > 1;
        others ? self->write_singly(batch) : self->written(batch, result);
      });
}

void Commits::write_singly(const Next& batch) {
  database_.write(
      [batch](soci::session& sql) -> Result<> {
        batch->results.clear();
        for (const auto& row : batch->rows) {
          batch->results.push_back(store::try_alone(sql, [&row, &sql] { insert({&row, 1}, sql); }));
        }
        return {};
      },
      [self = shared_from_this(), batch](const Result<>& result) { self->written(batch, result); });
}

void Commits::written(const Next& batch, const Result<>& result) {
  Next next;
  bool waits = false;
  {
    const Lock lock(mutex_);
    on_its_way_ = false;
    waits = options_.patient && !closing_ && !result && is_passing(result.error().code);
    if (waits) {
      // Those that came meanwhile go behind them, and there may be more than is allowed for a moment.
      std::ranges::move(waiting_, std::back_inserter(batch->rows));
      waiting_ = std::move(batch->rows);
      database_is_away_ = true;
    } else {
      next = next_batch();
    }
  }
  if (next) write(next);
  if (!waits) {
    for (std::size_t i = 0; i < batch->rows.size(); ++i) {
      const auto& done = batch->rows[i].done;
      if (done) done(result && i < batch->results.size() ? batch->results[i] : result);
    }
  }
  const Lock lock(mutex_);
  if (!on_its_way_) idle_.notify_all();
}

}  // namespace berth::records
