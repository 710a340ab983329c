// SPDX-License-Identifier: Apache-2.0
#include "app.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include "app_identity.h"
#include "app_options.h"
#include "app_routes.h"
#include "base/log.h"
#include "base/scratch_folder.h"
#include "config/installation.h"
#include "core/service.h"
#include "http/fetch.h"
#include "http/router.h"
#include "net/server.h"
#include "records/records.h"
#include "training/trainings.h"

namespace berth {

// Each part stands after those it uses, and so goes before them.
struct App::Parts {
  std::atomic<bool> is_loaded = false;             // until then what is listed says nothing of what is wanted
  std::unique_ptr<ScratchFolder> temporary_state;  // where nothing is to outlive the run
  std::unique_ptr<store::Database> database;
  std::unique_ptr<identity::Gate> gate;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<records::Records> records;
  std::unique_ptr<core::Recorder> recorder;
  std::unique_ptr<http::Fetcher> fetcher;
  std::shared_ptr<hosting::CrashReporter> crashes;
  std::unique_ptr<hosting::Registry> registry;
  std::unique_ptr<training::Trainings> trainings;
  std::unique_ptr<core::Service> service;
  std::unique_ptr<http::Router> router;

  // Why the server itself is not; whether each model is, the dialect asks.
  std::string_view why_not_ready() const {
    if (!database->problem().empty()) return "database";
    return is_loaded ? "" : "models";
  }

  // Each opens what stands before what the next one opens.
  Result<> open_server(const config::Config& config);  // with identity, records and fetches
  Result<> open_registry(const config::Config& config);

  Result<> open_identity(const config::Config& config) {
    auto state_dir = config.server.state_dir;
    if (state_dir.empty()) {
      auto made = ScratchFolder::create();
      if (!made) return failure(std::move(made.error()));
      temporary_state = std::move(*made);
      state_dir = temporary_state->path();
    }
    std::error_code error;
    std::filesystem::create_directories(state_dir, error);
    if (error)
      return failure(Code::unavailable, "cannot make the folder " + state_dir.string() + ": " + error.message());
    auto opened = open_database(config, state_dir);
    if (!opened) return failure(std::move(opened.error()));
    database = std::move(*opened);
    auto opened_gate = open_gate(config, *database, state_dir);
    if (!opened_gate) return failure(std::move(opened_gate.error()));
    gate = std::move(*opened_gate);
    return {};
  }

  ~Parts() {
    router.reset();
    service.reset();
    trainings.reset();
    registry.reset();
    crashes.reset();
    fetcher.reset();
    recorder.reset();
    records.reset();
    server.reset();
    gate.reset();
    database.reset();
  }
};

namespace {

constexpr std::chrono::milliseconds kLeastGrace{200};  // for workers, even where requests took all the time

// Every connection needs a descriptor, and the limit that a shell hands down is often far below what is allowed.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A URL that cannot be had is the client's matter: it named it.
int status_of_failed_fetch(Code code) {
  switch (code) {
    case Code::invalid_argument: return 400;
    case Code::forbidden: return 403;
    case Code::too_large: return 413;
    case Code::busy: return 503;
    case Code::timeout: return 504;
    default: return 502;
  }
}

hosting::Fetch fetch_through(http::Fetcher& fetcher) {
  return [&fetcher](std::string url, std::function<void(Result<hosting::File>)> done) {
    fetcher.fetch(std::move(url), [done = std::move(done)](Result<http::FetchedFile> fetched) {
      if (fetched) {
        return done(hosting::File{"url", std::move(fetched->file_name), std::move(fetched->content_type),
                                  std::move(fetched->bytes)});
      }
      fetched.error().model_status = status_of_failed_fetch(fetched.error().code);
      done(failure(std::move(fetched.error())));
    });
  };
}

}  // namespace

Result<> App::Parts::open_server(const config::Config& config) {
  auto listen = net_options(config);
  if (!listen) return failure(std::move(listen.error()));
  if (auto opened = open_identity(config); !opened) return opened;
  auto made = net::Server::create(std::move(*listen));
  if (!made) return failure(std::move(made.error()));
  server = std::move(*made);
  records = std::make_unique<records::Records>(*database, records_options(config, server->loops()));
  recorder = std::make_unique<core::Recorder>(*records, recorder_options(config));
  auto made_fetcher = http::Fetcher::create(fetch_options(config));
  if (!made_fetcher) return failure(std::move(made_fetcher.error()));
  fetcher = std::move(*made_fetcher);
  return {};
}

Result<> App::Parts::open_registry(const config::Config& config) {
  auto options = registry_options(config);
  auto reporting = crash_options(config);
  auto reporter = hosting::CrashReporter::create(reporting);
  if (!reporter && !reporting.folder.empty()) {
    // A server whose reports last only until its end is better than none.
    log::warning("crash reports will not outlive this run: " + reporter.error().message);
    reporting.folder.clear();
    reporter = hosting::CrashReporter::create(std::move(reporting));
  }
  if (!reporter) return failure(std::move(reporter.error()));
  options.crashes = crashes = std::move(*reporter);
  options.loops = server->loops();
  options.fetch = fetch_through(*fetcher);
  auto made = hosting::Registry::create(std::move(options));
  if (!made) return failure(std::move(made.error()));
  registry = std::move(*made);
  return {};
}

Result<std::unique_ptr<App>> App::start(const config::Config& config) {
  raise_descriptor_limit();
  auto parts = std::make_unique<Parts>();
  if (auto opened = parts->open_server(config); !opened) return failure(std::move(opened.error()));
  if (auto opened = parts->open_registry(config); !opened) return failure(std::move(opened.error()));
  parts->trainings = std::make_unique<training::Trainings>(
      *parts->registry, training::make_memory_journal(journal_limits(config)), trainings_options(config));
  parts->service = std::make_unique<core::Service>(*parts->registry, *parts->trainings, parts->recorder.get());
  parts->router = make_router(config, {.service = *parts->service,
                                       .server = *parts->server,
                                       .gate = *parts->gate,
                                       .records = *parts->records,
                                       .crashes = parts->crashes,
                                       .why_not_ready = [shared = parts.get()] { return shared->why_not_ready(); }});
  auto started = parts->server->start([router = parts->router.get()](http::Request&& request, http::Reply&& reply) {
    router->dispatch(std::move(request), std::move(reply));
  });
  if (!started) return failure(std::move(started.error()));
  return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

std::uint16_t App::port() const { return parts_->server->port(); }
void App::load_models() {
  parts_->registry->load_all();
  parts_->is_loaded = true;
}
std::vector<hosting::Listing> App::models() const { return parts_->service->listings(); }

void App::drain(std::chrono::milliseconds grace) {
  const auto deadline = std::chrono::steady_clock::now() + grace;
  parts_->trainings->request_stop();  // V1's clients wait for theirs
  parts_->server->drain(grace);
  const auto left = deadline - std::chrono::steady_clock::now();
  parts_->registry->drain(std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), kLeastGrace));
}

}  // namespace berth
