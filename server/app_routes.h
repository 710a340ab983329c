// SPDX-License-Identifier: Apache-2.0
// AppRoutes: every route that a server has, as the configuration asks for them.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "config/config.h"
#include "core/service.h"
#include "hosting/crash_reporter.h"
#include "http/router.h"
#include "identity/gate.h"
#include "net/server.h"
#include "records/records.h"

namespace berth {

// What answers them; all must outlive the router.
struct RouteParts {
  core::Service& service;
  const net::Server& server;
  identity::Gate& gate;
  records::Records& records;
  std::shared_ptr<const hosting::CrashReporter> crashes;
  std::function<std::string_view()> why_not_ready;  // for those who look after the server: why; "": it is
};

std::unique_ptr<http::Router> make_router(const config::Config& config, const RouteParts& parts);

}  // namespace berth
