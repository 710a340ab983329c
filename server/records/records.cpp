// SPDX-License-Identifier: Apache-2.0
#include "records/records.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/rate_bound.h"
#include "base/task_threads.h"
#include "base/utc.h"
#include "records/commits.h"
#include "records/media.h"
#include "records/sweeper.h"
#include "store/row.h"

namespace berth::records {
namespace {

using store::Sync;

std::size_t size_of(const std::vector<Bytes>& files) {
  std::size_t size = 0;
  for (const auto& file : files) size += file.size();
  return size;
}

Row row_of(Entry&& entry) {
  Row row;
  if (entry.request) row.request = std::make_unique<const store::RequestRow>(std::move(*entry.request));
  if (entry.response) row.response = std::make_unique<const store::ResponseRow>(std::move(*entry.response));
  return row;
}

}  // namespace

std::string time_of(std::int64_t id) { return store::time_text(from_microseconds(id)); }

struct Records::State {
  State(store::Database& database_in, Options options_in)
      : database(database_in),
        options(std::move(options_in)),
        media(options.media_folder),
        durable(std::make_shared<Commits>(database, Commits::Options{options.max_waiting, false})),
        async(std::make_shared<Commits>(database, Commits::Options{options.max_waiting, true})),
        files({.name = "records-files", .max_waiting = options.max_waiting, .max_bytes = options.max_waiting_bytes}),
        sweeper(database, media, {options.max_age, options.max_bytes, options.sweep_every},
                {.tick = [this] { async->retry(); }, .settle = [this] { settle(); }}) {}

  void settle() {
    {
      const Lock lock(upstream_mutex);
      if (upstream) upstream();
    }
    files.settle();
    async->settle();
  }

  void lose(const Error& error) {
    lost.fetch_add(1, std::memory_order_relaxed);
    const Lock lock(mutex);
    if (!complaints.admits()) return;
    const auto others = complaints.take_refused();
    log::error("a record was not kept" + (others > 0 ? ", nor " + std::to_string(others) + " before it" : "") + ": " +
                   error.message,
               {.component = "records"});
  }

  // Told on the loop that asks now, or on one of them all.
  Done<> on_a_loop(Done<> done) {
    if (options.loops.empty()) return done;
    const auto here = std::ranges::find_if(options.loops, [](const Loop* loop) { return loop->in_loop_thread(); });
    auto* loop = here != options.loops.end() ? *here : options.loops[next_loop.fetch_add(1) % options.loops.size()];
    return [loop, done = std::move(done)](Result<> result) {
      loop->post([done, result = std::move(result)]() mutable { done(std::move(result)); });
    };
  }

  void keep(Entry entry, Mode mode, Done<> done) {
    auto row = row_of(std::move(entry));
    // A durable request is on disk before a response that is told: that comes later.
    row.sync = mode == Mode::durable && row.response ? Sync::now : Sync::later;
    row.done = std::move(done);
    (mode == Mode::durable ? durable : async)->add(std::move(row));
  }

  // An async record loses no more than its files, for that reason.
  void keep_without_files(Entry entry, const Error& reason, Done<> done) {
    lose(reason);
    keep(std::move(entry), Mode::async, std::move(done));
  }

  // First its files, so that what the record says of them is true.
  void keep_with_files(Entry entry, Mode mode, Done<> done) {
    auto& request = entry.request.value();
    const auto id = request.id;
    const auto count = entry.files.size();
    if (auto kept = media.keep(id, entry.files); !kept) {
      kept.error().message.insert(0, "the request's files cannot be kept: ");
      if (mode == Mode::durable) return done(std::move(kept));
      return keep_without_files(std::move(entry), kept.error(), std::move(done));
    }
    request.kept_files = static_cast<std::int64_t>(count);
    request.bytes += static_cast<std::int64_t>(size_of(entry.files));
    keep(std::move(entry), mode, [this, id, count, done = std::move(done)](Result<> result) {
      if (!result) media.remove(id, count);
      done(std::move(result));
    });
  }

  store::Database& database;
  const Options options;
  const Media media;
  const std::shared_ptr<Commits> durable, async;
  std::atomic<std::int64_t> last_id = 0;
  std::atomic<std::size_t> next_loop = 0;
  std::atomic<std::uint64_t> lost = 0;
  Mutex mutex;
  RateBound complaints BERTH_GUARDED_BY(mutex){1};
  Mutex upstream_mutex;
  std::function<void()> upstream BERTH_GUARDED_BY(upstream_mutex);
  TaskThreads files;
  Sweeper sweeper;  // last: its thread uses the others
};

Records::Records(store::Database& database, Options options)
    : state_(std::make_unique<State>(database, std::move(options))) {}

Records::~Records() {
  state_->files.close();
  state_->durable->close();
  state_->async->close();
}

std::int64_t Records::new_id() {
  auto last = state_->last_id.load(std::memory_order_relaxed);
  while (true) {
    const auto id = std::max(to_microseconds(std::chrono::system_clock::now()), last + 1);
    if (state_->last_id.compare_exchange_weak(last, id, std::memory_order_relaxed)) return id;
  }
}

bool Records::keeps_files() const { return state_->media.keeps(); }
std::uint64_t Records::lost() const { return state_->lost.load(std::memory_order_relaxed); }

void Records::set_upstream(std::function<void()> settle) {
  const Lock lock(state_->upstream_mutex);
  state_->upstream = std::move(settle);
}

void Records::keep(Entry entry, Mode mode, Done<> done) {
  const bool has_files = entry.request && !entry.files.empty() && keeps_files();
  Done<> on_end;
  Done<> at_once;
  if (mode == Mode::durable) {
    on_end = state_->on_a_loop(std::move(done));
  } else {
    at_once = std::move(done);
    on_end = [state = state_.get()](const Result<>& result) {
      if (!result) state->lose(result.error());
    };
  }
  if (!has_files) {
    state_->keep(std::move(entry), mode, std::move(on_end));
  } else {
    const auto shared = std::make_shared<Entry>(std::move(entry));
    const bool taken = state_->files.post(
        [state = state_.get(), shared, mode, on_end] { state->keep_with_files(std::move(*shared), mode, on_end); },
        size_of(shared->files));
    if (!taken) {
      auto busy = failure(Code::busy, "too many requests wait for their files to be kept");
      mode == Mode::durable ? on_end(std::move(busy))
                            : state_->keep_without_files(std::move(*shared), busy.value(), on_end);
    }
  }
  if (at_once) at_once({});
}

void Records::find(store::RecordQuery query, Done<store::RecordPage> done) {
  const auto found = std::make_shared<store::RecordPage>();
  state_->database.read(
      [found, query = std::move(query)](soci::session& sql) -> Result<> {
        *found = store::find(sql, query);
        return {};
      },
      [found, done = std::move(done)](const Result<>& result) {
        result ? done(std::move(*found)) : done(failure(result.error()));
      });
}

void Records::find(std::int64_t id, Done<std::optional<store::Record>> done) {
  find({.from = id, .until = id + 1, .count = 1}, [done = std::move(done)](Result<store::RecordPage> found) {
    if (!found) return done(failure(std::move(found.error())));
    std::optional<store::Record> record;
    if (!found->records.empty()) record = std::move(found->records.front());
    done(std::move(record));
  });
}

void Records::totals(Done<store::RecordTotals> done) {
  const auto now = std::make_shared<store::RecordTotals>();
  state_->database.read(
      [now](soci::session& sql) -> Result<> {
        *now = store::totals(sql);
        return {};
      },
      [now, done = std::move(done)](const Result<>& result) { result ? done(*now) : done(failure(result.error())); });
}

void Records::remove_of_user(std::int64_t user_id, Done<std::int64_t> done) {
  state_->sweeper.remove_of_user(user_id, std::move(done));
}

}  // namespace berth::records
