// SPDX-License-Identifier: Apache-2.0
#include "dialects/metrics_page.h"

#include <utility>

namespace berth::dialects {

void add_metrics_page(http::Router& router, core::Service& service, std::function<metrics::ServerFigures()> network) {
  router.add({"GET", "/metrics", http::Access::watch,
              [&service, network = std::move(network)](http::Request&&, const http::PathParams&, http::Reply&& reply) {
                auto text = metrics::exposition(service.listings(), network());
                reply.send(http::Response::bytes(200, metrics::kContentType, Bytes(std::move(text))));
              }});
}

}  // namespace berth::dialects
