// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <pthread.h>
#include <soci/soci.h>

#include <deque>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "store/connection.h"
#include "store/migrations.h"

namespace berth::store {
namespace {

using Clock = std::chrono::steady_clock;

struct Job {
  Database::Work work;
  Database::Done done;
};

// Work that waits for threads.
class Queue {
 public:
  explicit Queue(std::size_t bound) : bound_(bound) {}

  // False: there is no room.
  bool push(Job& job) {
    {
      const Lock lock(mutex_);
      if (jobs_.size() >= bound_) return false;
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
  }

  // Nothing where none came until then, or none will come any more; then `closed` says so.
  std::optional<Job> pop(Clock::time_point deadline, bool& closed) {
    const Lock lock(mutex_);
    while (jobs_.empty() && !closed_) {
      if (!changed_.wait_until(mutex_, deadline)) break;
    }
    closed = closed_ && jobs_.empty();
    if (jobs_.empty()) return std::nullopt;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  void close() {
    {
      const Lock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  const std::size_t bound_;
  Mutex mutex_;
  Condition changed_;
  std::deque<Job> jobs_ BERTH_GUARDED_BY(mutex_);
  bool closed_ BERTH_GUARDED_BY(mutex_) = false;
};

// What keeps the database from being used; changes go to the log.
struct Health {
  mutable Mutex mutex;
  std::string problem BERTH_GUARDED_BY(mutex) = "the database has not been reached yet";

  void set(const std::string& now) {
    {
      const Lock lock(mutex);
      if (problem == now) return;
      problem = now;
    }
    if (now.empty()) {
      log::info("the database can be used", {.component = "store"});
    } else {
      log::error(now, {.component = "store"});
    }
  }
  std::string get() const {
    const Lock lock(mutex);
    return problem;
  }
};

}  // namespace

struct Database::State {
  explicit State(DatabaseOptions options_in)
      : options(std::move(options_in)), writes(options.max_waiting), reads(options.max_waiting) {}

  // A thread's connection: made when it is needed, and again after it was lost.
  class Line {
   public:
    Line(State& state, Use use) : state_(state), use_(use) {}

    Result<> connect() {
      if (sql_ != nullptr) return {};
      if (Clock::now() < not_before_) return failure(Code::unavailable, state_.health.get());
      auto made = attempt();
      if (!made) not_before_ = Clock::now() + state_.options.retry;
      if (use_ == Use::write) state_.health.set(made ? "" : made.error().message);
      return made;
    }

    // Whether it is still there, so that a database that went away is missed before somebody needs it.
    void look() {
      if (use_ == Use::read) return;
      (void)run([](soci::session& sql) -> Result<> {
        sql << "SELECT 1";
        return {};
      });
    }

    Result<> run(const Work& work) {
      // Twice: a connection may have died while nobody used it.
      for (int attempt = 0;; ++attempt) {
        if (auto connected = connect(); !connected) return connected;
        bool may_repeat = attempt == 0;
        auto result = in_transaction(work, may_repeat);
        if (result || sql_ != nullptr || !may_repeat) return result;
      }
    }

   private:
    Result<> attempt() {
      if (use_ == Use::read && !state_.health.get().empty()) return failure(Code::unavailable, state_.health.get());
      auto sql = store::connect(state_.url, use_);
      if (!sql) return failure(std::move(sql.error()));
      if (use_ == Use::write) {
        try {
          claim_.reset();
          auto claimed = claim(**sql, state_.url);
          if (!claimed) return failure(std::move(claimed.error()));
          if (auto migrated = migrate(**sql, state_.url.kind); !migrated) return migrated;
          claim_ = std::move(*claimed);
        } catch (const soci::soci_error& error) {
          return failure(error_of(error));
        }
      }
      sql_ = std::move(*sql);
      return {};
    }

    // `may_repeat` becomes false once it may have been committed. Without a connection afterwards: it was lost.
    Result<> in_transaction(const Work& work, bool& may_repeat) {
      try {
        begin(*sql_, state_.url.kind, use_);
        auto done = work(*sql_);
        if (!done) {
          sql_->rollback();
          return done;
        }
        may_repeat = false;
        sql_->commit();
        return {};
      } catch (const soci::soci_error& error) {
        return failed(error);
      } catch (const std::exception& error) {
        undo();
        return failure(Code::internal, error.what());
      }
    }

    Result<> failed(const soci::soci_error& error) {
      auto told = error_of(error);
      if (is_lost(*sql_, error)) {
        sql_.reset();
        told = {Code::unavailable, "the connection to the database was lost"};
        if (use_ == Use::write) state_.health.set(told.message);
      } else {
        undo();
      }
      return failure(std::move(told));
    }

    void undo() {
      try {
        sql_->rollback();
      } catch (const soci::soci_error&) {
        sql_.reset();
      }
    }

    State& state_;
    const Use use_;
    std::unique_ptr<soci::session> sql_;
    std::shared_ptr<Claim> claim_;
    Clock::time_point not_before_{};
  };

  void serve(Queue& queue, Line& line) {
    bool closed = false;
    while (!closed) {
      auto job = queue.pop(Clock::now() + options.retry, closed);
      if (job) {
        job->done(line.run(job->work));
      } else if (!closed) {
        line.look();
      }
    }
  }

  const DatabaseOptions options;
  DatabaseUrl url;
  Health health;
  Queue writes;
  Queue reads;
  std::unique_ptr<Line> writer;
  std::vector<std::jthread> threads;
};

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options) {
  auto url = parse_database_url(options.url);
  if (!url) return failure(std::move(url.error()));
  auto state = std::make_unique<State>(std::move(options));
  state->url = std::move(*url);
  state->writer = std::make_unique<State::Line>(*state, Use::write);
  const auto connected = state->writer->connect();
  if (!connected && connected.error().code == Code::conflict) return tl::unexpected<Error>(connected.error());
  auto* shared = state.get();
  const auto start = [shared](const std::string& name, auto body) {
    shared->threads.emplace_back([name, body] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      body();
    });
  };
  start("store-write", [shared] { shared->serve(shared->writes, *shared->writer); });
  for (std::size_t i = 0; i < shared->options.readers; ++i) {
    start("store-read", [shared] {
      State::Line line(*shared, Use::read);
      shared->serve(shared->reads, line);
    });
  }
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  state_->writes.close();
  state_->reads.close();
  state_->threads.clear();
}

namespace {

void enqueue(Queue& queue, Database::Work work, Database::Done done) {
  Job job{std::move(work), std::move(done)};
  if (queue.push(job)) return;
  job.done(failure(
      {.code = Code::busy, .message = "too much waits for the database", .retry_after = std::chrono::seconds(1)}));
}

Result<> wait_for(Queue& queue, Database::Work work) {
  auto told = std::make_shared<std::promise<Result<>>>();
  auto result = told->get_future();
  enqueue(queue, std::move(work), [told](Result<> done) { told->set_value(std::move(done)); });
  return result.get();
}

}  // namespace

void Database::write(Work work, Done done) { enqueue(state_->writes, std::move(work), std::move(done)); }
void Database::read(Work work, Done done) { enqueue(state_->reads, std::move(work), std::move(done)); }
Result<> Database::write(Work work) { return wait_for(state_->writes, std::move(work)); }
Result<> Database::read(Work work) { return wait_for(state_->reads, std::move(work)); }
std::string Database::problem() const { return state_->health.get(); }

}  // namespace berth::store
