// SPDX-License-Identifier: Apache-2.0
#include "app.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <utility>

#include "app_identity.h"
#include "app_options.h"
#include "base/log.h"
#include "base/scratch_folder.h"
#include "config/installation.h"
#include "core/service.h"
#include "dialects/access_guard.h"
#include "dialects/admin.h"
#include "dialects/admin_accounts.h"
#include "dialects/admin_crashes.h"
#include "dialects/admin_rollout.h"
#include "dialects/api_document.h"
#include "dialects/api_page.h"
#include "dialects/classifier.h"
#include "dialects/deepaas_v1.h"
#include "dialects/deepaas_v2.h"
#include "dialects/deployments.h"
#include "dialects/metrics_page.h"
#include "dialects/open_inference.h"
#include "dialects/tabular.h"
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

  bool is_ready() const { return is_loaded && database->problem().empty(); }

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

metrics::Network network_figures(const net::Server& server) {
  const auto now = server.figures();
  return {.connections = now.connections,
          .requests_in_flight = now.requests_in_flight,
          .body_bytes = now.body_bytes_in_memory,
          .answer_bytes = now.answer_bytes_in_memory,
          .requests = now.requests};
}

dialects::Deployments to_deployments(const config::Config& config) {
  dialects::Deployments all;
  for (const auto& [id, from] : config.deployments) all.emplace(id, dialects::Deployment{from.model, from.users});
  return all;
}

std::unique_ptr<http::Router> make_router(const config::Config& config, core::Service& service,
                                          const net::Server& server, identity::Gate& gate,
                                          std::function<bool()> is_ready,
                                          std::shared_ptr<const hosting::CrashReporter> crashes) {
  auto router = std::make_unique<http::Router>(config.server.base_path, dialects::make_access_guard(gate));
  const dialects::DeepaasOptions options{.base_path = config.server.base_path,
                                         .predict_enabled = config.deepaas.predict,
                                         .train_enabled = config.deepaas.train,
                                         .debug_enabled = config.deepaas.debug,
                                         .body = body_limits(config)};
  if (config.deepaas.v2) dialects::add_deepaas_v2(*router, service, options);
  dialects::add_open_inference(
      *router, service, {.body = options.body, .has_deepaas_v2 = config.deepaas.v2, .is_loaded = std::move(is_ready)});
  if (config.deepaas.v1) dialects::add_deepaas_v1(*router, service, options);
  if (config.tabular.enabled) {
    dialects::add_tabular(*router, service, gate,
                          {.model = config.tabular.model,
                           .registration_open = config.tabular.registration == config::Registration::open,
                           .body = options.body});
  }
  if (config.classifier.enabled) {
    dialects::add_classifier(*router, service, gate, {.model = config.classifier.model, .body = options.body});
  }
  if (!config.deployments.empty()) {
    dialects::add_deployments(*router, service, gate, {.deployments = to_deployments(config), .body = options.body});
  }
  dialects::add_api_document(*router, service, options);
  dialects::add_api_page(*router, config::find_installation().share_dir / "swagger-ui", options);
  dialects::add_admin(*router, service);
  dialects::add_admin_accounts(*router, gate, options.body);
  dialects::add_admin_rollout(*router, service, options.body);
  dialects::add_admin_crashes(*router, std::move(crashes));
  dialects::add_metrics_page(*router, service, [&server] { return network_figures(server); });
  return router;
}

}  // namespace

Result<std::unique_ptr<App>> App::start(const config::Config& config) {
  raise_descriptor_limit();
  auto parts = std::make_unique<Parts>();
  auto listen = net_options(config);
  if (!listen) return failure(std::move(listen.error()));
  if (auto opened = parts->open_identity(config); !opened) return failure(std::move(opened.error()));
  auto server = net::Server::create(std::move(*listen));
  if (!server) return failure(std::move(server.error()));
  parts->server = std::move(*server);

  parts->records =
      std::make_unique<records::Records>(*parts->database, records_options(config, parts->server->loops()));
  parts->recorder = std::make_unique<core::Recorder>(*parts->records, recorder_options(config));

  auto fetcher = http::Fetcher::create(fetch_options(config));
  if (!fetcher) return failure(std::move(fetcher.error()));
  parts->fetcher = std::move(*fetcher);

  auto hosting_options = registry_options(config);
  auto reporting = crash_options(config);
  auto crashes = hosting::CrashReporter::create(reporting);
  if (!crashes && !reporting.folder.empty()) {
    // A server whose reports last only until its end is better than none.
    log::warning("crash reports will not outlive this run: " + crashes.error().message);
    reporting.folder.clear();
    crashes = hosting::CrashReporter::create(std::move(reporting));
  }
  if (!crashes) return failure(std::move(crashes.error()));
  hosting_options.crashes = parts->crashes = std::move(*crashes);
  hosting_options.loops = parts->server->loops();
  hosting_options.fetch = fetch_through(*parts->fetcher);
  auto registry = hosting::Registry::create(std::move(hosting_options));
  if (!registry) return failure(std::move(registry.error()));
  parts->registry = std::move(*registry);

  parts->trainings = std::make_unique<training::Trainings>(
      *parts->registry, training::make_memory_journal(journal_limits(config)), trainings_options(config));
  parts->service = std::make_unique<core::Service>(*parts->registry, *parts->trainings, parts->recorder.get());
  parts->router = make_router(
      config, *parts->service, *parts->server, *parts->gate, [shared = parts.get()] { return shared->is_ready(); },
      parts->crashes);

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
