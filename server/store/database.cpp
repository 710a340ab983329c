// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <pthread.h>
#include <soci/soci.h>

#include <future>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "store/line.h"
#include "store/syncer.h"
#include "store/work_queue.h"

namespace berth::store {
namespace {

using Clock = std::chrono::steady_clock;

struct Job {
  Database::Work work;
  Database::Done done;
  Sync sync = Sync::now;
  std::function<void()> committed = {};
};

// Committed, and not on disk yet.
struct Unsynced {
  Database::Done done;
  std::uint64_t generation = 0;  // of the syncer that was made for the connection that committed it
  std::uint64_t failures = 0;    // as the health counts them, once it was committed
};

// Needs the disk, and leaves nothing behind.
Result<> try_to_write(soci::session& sql) {
  sql << "INSERT INTO schema_versions (version, applied) VALUES (0, '')";
  sql << "DELETE FROM schema_versions WHERE version = 0";
  return {};
}

void ignore(const Result<>&) {}

}  // namespace

struct Database::State {
  State(DatabaseOptions options_in, DatabaseUrl url_in)
      : options(std::move(options_in)),
        url(std::move(url_in)),
        syncer(url),
        writer(url, health, Use::write, options.retry, [this] { return prepare_syncer(); }),
        writes(options.max_waiting),
        reads(options.max_waiting),
        unsynced(std::numeric_limits<std::size_t>::max()) {}

  Result<> prepare_syncer() {
    const auto made = syncer.prepare();
    if (!made) return failure(made.error());
    prepared = *made;
    return {};
  }

  void write() {
    for (bool closed = false; !closed;) {
      auto job = writes.pop(Clock::now() + options.retry, closed);
      if (job) {
        perform(std::move(*job));
      } else if (!closed) {
        look();
      }
    }
    unsynced.close();
  }

  // So that a database that went away is missed, and one that takes writes again is known to, though nobody asks.
  void look() { health.can_write() ? writer.look() : perform({try_to_write, ignore}); }

  void perform(Job job) {
    // A syncer that lost its connection gets another with the writer's.
    if (syncer.generation() != prepared) writer.disconnect();
    const auto failures = health.failures();
    auto result = writer.run(job.work);
    if (result && job.committed) job.committed();
    const bool is_good = result.has_value();
    if (!is_good || job.sync == Sync::later) std::exchange(job.done, ignore)(std::move(result));
    // One that may be synced later is now, where that tells whether the disk takes anything again.
    if (!is_good || (job.sync == Sync::later && health.can_write())) return;
    Unsynced committed{std::move(job.done), prepared, failures};
    (void)unsynced.push(committed);  // it has no bound
  }

  void sync() {
    for (bool closed = false; !closed;) {
      const auto all = unsynced.pop_all(Clock::now() + options.retry, closed);
      if (all.empty()) continue;
      // Of one generation, but for those around the loss of a connection.
      const auto newest = all.back().generation;
      const auto result = syncer.sync(newest);
      result ? health.set_written(all.back().failures) : health.set_writing(result.error().message);
      for (const auto& each : all) each.done(each.generation == newest ? result : syncer.sync(each.generation));
    }
  }

  void read() {
    Line line(url, health, Use::read, options.retry);
    for (bool closed = false; !closed;) {
      if (auto job = reads.pop(Clock::now() + options.retry, closed)) job->done(line.run(job->work));
    }
  }

  const DatabaseOptions options;
  const DatabaseUrl url;
  Health health;
  Syncer syncer;
  std::uint64_t prepared = 0;  // the syncer's generation for the writer's connection; another: it was lost since
  Line writer;
  WorkQueue<Job> writes, reads;
  WorkQueue<Unsynced> unsynced;
  std::vector<std::jthread> threads;
};

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options) {
  auto url = parse_database_url(options.url);
  if (!url) return failure(std::move(url.error()));
  auto state = std::make_unique<State>(std::move(options), std::move(*url));
  const auto connected = state->writer.connect();
  if (!connected && connected.error().code == Code::conflict) return tl::unexpected<Error>(connected.error());
  const auto start = [&state](const std::string& name, void (State::*body)()) {
    state->threads.emplace_back([name, body, shared = state.get()] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      (shared->*body)();
    });
  };
  start("store-write", &State::write);
  start("store-sync", &State::sync);
  for (std::size_t i = 0; i < state->options.readers; ++i) start("store-read", &State::read);
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  state_->writes.close();
  state_->reads.close();
  state_->threads.clear();
}

namespace {

void enqueue(WorkQueue<Job>& queue, Job job) {
  if (queue.push(job)) return;
  job.done(failure(
      {.code = Code::busy, .message = "too much waits for the database", .retry_after = std::chrono::seconds(1)}));
}

Result<> wait_for(WorkQueue<Job>& queue, Database::Work work) {
  auto told = std::make_shared<std::promise<Result<>>>();
  auto result = told->get_future();
  enqueue(queue, {std::move(work), [told](Result<> done) { told->set_value(std::move(done)); }});
  return result.get();
}

}  // namespace

void Database::write(Work work, Done done, Sync sync, std::function<void()> committed) {
  enqueue(state_->writes, {std::move(work), std::move(done), sync, std::move(committed)});
}
void Database::read(Work work, Done done) { enqueue(state_->reads, {std::move(work), std::move(done)}); }
Result<> Database::write(Work work) { return wait_for(state_->writes, std::move(work)); }
Result<> Database::read(Work work) { return wait_for(state_->reads, std::move(work)); }
std::string Database::problem() const { return state_->health.problem(); }
std::uint64_t Database::connection() const { return state_->prepared; }
bool Database::is_connected() const { return state_->health.is_connected(); }

}  // namespace berth::store
