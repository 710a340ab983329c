// SPDX-License-Identifier: Apache-2.0
#include "dialects/deployment_book.h"

#include <algorithm>

namespace berth::dialects {

Result<const Deployment*> DeploymentBook::find(std::string_view id, const identity::Principal& caller) const {
  const auto found = deployments_.find(id);
  if (found == deployments_.end()) return failure(Code::not_found, "there is no such deployment");
  const auto& [model, users] = found->second;
  const bool is_listed = users.empty() || std::ranges::find(users, caller.name) != users.end();
  if (!is_listed || !identity::may(caller, identity::Right::predict, model)) {
    return failure(Code::forbidden, "this deployment is not for this user");
  }
  return &found->second;
}

std::string DeploymentBook::model_of(std::string_view id) const {
  const auto found = deployments_.find(id);
  return found == deployments_.end() ? "" : found->second.model;
}

}  // namespace berth::dialects
