// SPDX-License-Identifier: Apache-2.0
#include "http/fetch.h"

#include <curl/curl.h>
#include <pthread.h>

#include <atomic>
#include <deque>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "http/fetch_transfer.h"

namespace berth::http {
namespace {

struct Job {
  std::string url;
  Fetcher::Done done;
};

void finish(const Fetcher::Done& done, Result<FetchedFile> result) {
  try {
    done(std::move(result));
  } catch (const std::exception& error) {
    log::error("a fetch's callback threw " + std::string(error.what()), {.component = "fetch"});
  } catch (...) {
    log::error("a fetch's callback threw something that is no std::exception", {.component = "fetch"});
  }
}

Result<FetchedFile> guarded_fetch(const std::string& url, const FetchOptions& options, const FetchGuard& guard,
                                  const std::atomic<bool>& stop) {
  try {
    return fetch_now(url, options, guard, stop);
  } catch (const std::exception& error) {
    log::error("a fetch threw " + std::string(error.what()), {.component = "fetch"});
    return failure(Code::internal, "the fetch failed");
  }
}

}  // namespace

struct Fetcher::State {
  State(FetchOptions given, FetchGuard made) : options(std::move(given)), guard(std::move(made)) {
    for (std::size_t i = 0; i < options.max_at_once; ++i) {
      threads.emplace_back([this, i] { work(i); });
    }
  }

  void work(std::size_t index) {
    pthread_setname_np(pthread_self(), ("fetch-" + std::to_string(index)).c_str());
    while (auto job = take()) {
      auto result = guarded_fetch(job->url, options, guard, stop);
      release();
      finish(job->done, std::move(result));
    }
  }

  // Waits; nullopt when the fetcher stops.
  std::optional<Job> take() {
    const Lock lock(mutex);
    while (jobs.empty() && !stop) wake.wait(mutex);
    if (stop) return std::nullopt;
    auto job = std::move(jobs.front());
    jobs.pop_front();
    return job;
  }

  void release() {
    const Lock lock(mutex);
    --unfinished;
  }

  bool add(Job& job) {
    const Lock lock(mutex);
    if (unfinished >= options.max_at_once + options.max_queue) return false;
    ++unfinished;
    jobs.push_back(std::move(job));
    wake.notify_one();
    return true;
  }

  void end() {
    {
      const Lock lock(mutex);
      stop = true;
      wake.notify_all();
    }
    threads.clear();  // joins
  }

  std::deque<Job> take_rest() {
    const Lock lock(mutex);
    return std::move(jobs);
  }

  const FetchOptions options;
  const FetchGuard guard;
  std::atomic<bool> stop = false;
  Mutex mutex;
  Condition wake;
  std::deque<Job> jobs BERTH_GUARDED_BY(mutex);
  std::size_t unfinished BERTH_GUARDED_BY(mutex) = 0;  // waiting and running
  std::vector<std::jthread> threads;
};

Fetcher::Fetcher(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Fetcher>> Fetcher::create(FetchOptions options) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return failure(Code::internal, "libcurl cannot be set up");
  auto guard = FetchGuard::create(options.rules);
  if (!guard) return tl::unexpected(std::move(guard).error());
  auto state = std::make_unique<State>(std::move(options), *std::move(guard));
  return std::unique_ptr<Fetcher>(new Fetcher(std::move(state)));
}

Fetcher::~Fetcher() {
  state_->end();
  for (auto& job : state_->take_rest()) finish(job.done, failure(Code::cancelled, "the server stops"));
}

void Fetcher::fetch(std::string url, Done done) {
  Job job{std::move(url), std::move(done)};
  if (state_->add(job)) return;
  Error error{Code::busy, "too many URLs are being fetched"};
  error.retry_after = std::chrono::seconds(1);
  finish(job.done, failure(std::move(error)));
}

}  // namespace berth::http
