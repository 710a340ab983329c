// SPDX-License-Identifier: Apache-2.0
#include "app_routes.h"

#include <utility>

#include "app_options.h"
#include "config/installation.h"
#include "dialects/access_guard.h"
#include "dialects/admin.h"
#include "dialects/admin_accounts.h"
#include "dialects/admin_crashes.h"
#include "dialects/admin_records.h"
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

namespace berth {
namespace {

metrics::ServerFigures network_figures(const net::Server& server, const records::Records& records) {
  const auto now = server.figures();
  return {.connections = now.connections,
          .requests_in_flight = now.requests_in_flight,
          .body_bytes = now.body_bytes_in_memory,
          .answer_bytes = now.answer_bytes_in_memory,
          .requests = now.requests,
          .records_lost = records.lost()};
}

dialects::Deployments to_deployments(const config::Config& config) {
  dialects::Deployments all;
  for (const auto& [id, from] : config.deployments) all.emplace(id, dialects::Deployment{from.model, from.users});
  return all;
}

}  // namespace

std::unique_ptr<http::Router> make_router(const config::Config& config, const RouteParts& parts) {
  auto router = std::make_unique<http::Router>(config.server.base_path, dialects::make_access_guard(parts.gate));
  const dialects::DeepaasOptions options{.base_path = config.server.base_path,
                                         .predict_enabled = config.deepaas.predict,
                                         .train_enabled = config.deepaas.train,
                                         .debug_enabled = config.deepaas.debug,
                                         .body = body_limits(config)};
  if (config.deepaas.v2) dialects::add_deepaas_v2(*router, parts.service, options);
  dialects::add_open_inference(
      *router, parts.service,
      {.body = options.body, .has_deepaas_v2 = config.deepaas.v2, .why_not_ready = parts.why_not_ready});
  if (config.deepaas.v1) dialects::add_deepaas_v1(*router, parts.service, options);
  if (config.tabular.enabled) {
    dialects::add_tabular(*router, parts.service, parts.gate,
                          {.model = config.tabular.model,
                           .registration_open = config.tabular.registration == config::Registration::open,
                           .body = options.body});
  }
  if (config.classifier.enabled) {
    dialects::add_classifier(*router, parts.service, parts.gate,
                             {.model = config.classifier.model, .body = options.body});
  }
  if (!config.deployments.empty()) {
    dialects::add_deployments(*router, parts.service, parts.gate,
                              {.deployments = to_deployments(config), .body = options.body});
  }
  dialects::add_api_document(*router, parts.service, options);
  dialects::add_api_page(*router, config::find_installation().share_dir / "swagger-ui", options);
  dialects::add_admin(*router, parts.service);
  dialects::add_admin_accounts(*router, parts.gate, options.body);
  dialects::add_admin_records(*router, parts.records, parts.gate);
  dialects::add_admin_rollout(*router, parts.service, options.body);
  dialects::add_admin_crashes(*router, parts.crashes);
  dialects::add_metrics_page(*router, parts.service, [&server = parts.server, &records = parts.records] {
    return network_figures(server, records);
  });
  return router;
}

}  // namespace berth
