// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_rollout.h"

#include <memory>
#include <string>
#include <utility>

#include "dialects/admin_error.h"
#include "dialects/http_types.h"
#include "hosting/rollout.h"

namespace berth::dialects {
namespace {

Response rollout_reply(const core::Service& service, std::string_view model, std::string_view request_id) {
  const auto rollout = service.rollout(model);
  if (!rollout) return admin_error(rollout.error(), model, request_id);
  return Response::json(200, hosting::to_json(*rollout));
}

void change(core::Service& service, const Request& request, const std::string& model,
            hosting::Registry::ChangeRollout decide, Reply&& reply) {
  auto shared = std::make_shared<Reply>(std::move(reply));
  service.change_rollout(model, std::move(decide), [&service, model, shared, id = request.id](const Result<>& changed) {
    shared->send(changed ? rollout_reply(service, model, id) : admin_error(changed.error(), model, id));
  });
}

Result<hosting::Rollout> back(const hosting::Rollout& now) {
  auto before = now;
  if (auto went = hosting::roll_back(before); !went) return tl::unexpected<Error>(went.error());
  return before;
}

}  // namespace

void add_admin_rollout(http::Router& router, core::Service& service, const BodyLimits& limits) {
  const std::string root = "/v2/berth/models/{model}";
  const auto with_model = [](auto handle) {
    return [handle](Request&& request, const PathParams& params, Reply&& reply) {
      handle(std::move(request), std::string(params["model"]), std::move(reply));
    };
  };
  router.add({"GET", root + "/rollout", http::Access::watch,
              with_model([&service](Request&& request, const std::string& model, Reply&& reply) {
                reply.send(rollout_reply(service, model, request.id));
              })});
  router.add({"PATCH", root + "/rollout", http::Access::manage,
              with_model([&service, limits](Request&& request, const std::string& model, Reply&& reply) {
                if (request.body.size() > limits.max_json_bytes) {
                  return reply.send(admin_error({Code::too_large, "the body is larger than limits.max_json_bytes"},
                                                model, request.id));
                }
                auto decide = [text = std::string(request.body.view())](const hosting::Rollout& now) {
                  return hosting::read_rollout(text, now);
                };
                change(service, request, model, std::move(decide), std::move(reply));
              })});
  router.add({"POST", root + "/rollback", http::Access::manage,
              with_model([&service](Request&& request, const std::string& model, Reply&& reply) {
                change(service, request, model, back, std::move(reply));
              })});
}

}  // namespace berth::dialects
