// SPDX-License-Identifier: Apache-2.0
#include "records/sweeper.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/utc.h"

namespace berth::records {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::size_t kPiece = 1000;
constexpr std::chrono::hours kLongestCall{24};  // what came before will not be answered any more

std::int64_t microseconds_before_now(std::chrono::seconds age) {
  return to_microseconds(std::chrono::system_clock::now() - age);
}

}  // namespace

Sweeper::Sweeper(store::Database& database, const Media& media, Retention retention, Calls calls)
    : database_(database), media_(media), retention_(retention), calls_(std::move(calls)), thread_([this] {
        ::pthread_setname_np(::pthread_self(), "records-sweep");
        run();
      }) {}

Sweeper::~Sweeper() {
  {
    const Lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Sweeper::remove_of_user(std::int64_t user_id, std::function<void(Result<std::int64_t>)> done) {
  {
    const Lock lock(mutex_);
    tasks_.push_back([this, user_id, done = std::move(done)] { done(remove_of_user(user_id)); });
  }
  changed_.notify_all();
}

void Sweeper::run() {
  auto next_sweep = Clock::now();
  while (true) {
    std::function<void()> task;
    {
      const Lock lock(mutex_);
      const auto until = Clock::now() + std::min<std::chrono::milliseconds>(kTick, retention_.every);
      while (tasks_.empty() && !closed_) {
        if (!changed_.wait_until(mutex_, until)) break;
      }
      if (closed_ && tasks_.empty()) return;
      if (!tasks_.empty()) {
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
    }
    if (task) {
      task();
      continue;
    }
    calls_.tick();
    if (Clock::now() < next_sweep) continue;
    sweep();
    next_sweep = Clock::now() + retention_.every;
  }
}

void Sweeper::sweep() {
  if (!database_.is_connected()) return;  // a full disk is a reason to go on
  remove_late();
  Result<> swept;
  if (retention_.max_age.count() > 0) {
    const auto before = microseconds_before_now(retention_.max_age);
    if (const auto removed = remove({.before = before}); !removed) swept = failure(removed.error());
    if (media_.keeps()) media_.remove_days_before(before);
  }
  if (swept && retention_.max_bytes > 0) swept = remove_beyond_size();
  if (!swept) log::warning("old records cannot be removed: " + swept.error().message, {.component = "records"});
}

Result<std::int64_t> Sweeper::remove(store::Removal removal) {
  removal.count = kPiece;
  const auto unanswerable = microseconds_before_now(kLongestCall);
  std::int64_t all = 0;
  while (true) {
    std::vector<store::Removed> removed;
    const auto done = database_.write([&](soci::session& sql) -> Result<> {
      removed = store::remove_records(sql, removal);
      if (!removed.empty()) store::give_back_space(sql);
      return {};
    });
    if (!done) return tl::unexpected<Error>(done.error());
    for (const auto& each : removed) {
      media_.remove(each.id, static_cast<std::size_t>(each.kept_files));
      if (!each.is_answered && each.id > unanswerable) late_.push_back(each.id);
    }
    all += static_cast<std::int64_t>(removed.size());
    if (removed.size() < kPiece || removal.bytes != 0) return all;
    if (!removal.user_id && is_closed()) return all;  // the rest has time
  }
}

Result<std::int64_t> Sweeper::remove_of_user(std::int64_t user_id) {
  calls_.settle();
  return remove({.user_id = user_id});
}

void Sweeper::remove_late() {
  if (late_.empty()) return;
  const auto done = database_.write([this](soci::session& sql) -> Result<> {
    store::remove_responses(sql, late_);
    return {};
  });
  const auto unanswerable = microseconds_before_now(kLongestCall);
  if (done) std::erase_if(late_, [unanswerable](std::int64_t id) { return id <= unanswerable; });
}

bool Sweeper::is_closed() {
  const Lock lock(mutex_);
  return closed_;
}

Result<> Sweeper::remove_beyond_size() {
  while (true) {
    store::RecordTotals now;
    auto read = database_.read([&now](soci::session& sql) -> Result<> {
      now = store::totals(sql);
      return {};
    });
    if (!read) return read;
    const auto excess = now.bytes - static_cast<std::int64_t>(retention_.max_bytes);
    if (excess <= 0) return {};
    const auto removed = remove({.bytes = excess});
    if (!removed) return failure(removed.error());
    if (*removed == 0 || is_closed()) return {};
  }
}

}  // namespace berth::records
