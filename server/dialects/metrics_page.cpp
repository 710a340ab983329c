// SPDX-License-Identifier: Apache-2.0
#include "dialects/metrics_page.h"

#include <utility>

namespace berth::dialects {

void add_metrics_page(http::Router& router, core::Service& service, std::function<metrics::Network()> network,
                      AdminAccess access) {
  router.add({"GET", "/metrics",
              [&service, network = std::move(network), access = std::move(access)](
                  http::Request&& request, const http::PathParams&, http::Reply&& reply) {
                if (auto refused = refuse_stranger(request, access)) return reply.send(std::move(*refused));
                auto text = metrics::exposition(service.listings(), network());
                reply.send(http::Response::bytes(200, metrics::kContentType, Bytes(std::move(text))));
              }});
}

}  // namespace berth::dialects
