// SPDX-License-Identifier: Apache-2.0
// DeploymentBook: which deployments there are, and who may use each.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/principal.h"

namespace berth::dialects {

struct Deployment {
  std::string model = {};               // "": it serves none, and only takes what was predicted elsewhere
  std::vector<std::string> users = {};  // empty: everybody who may predict with the model
};
using Deployments = std::map<std::string, Deployment, std::less<>>;  // by id

class DeploymentBook {
 public:
  explicit DeploymentBook(Deployments deployments) : deployments_(std::move(deployments)) {}

  // not_found: there is no such deployment; forbidden: they are not among its users, or lack the right. [any]
  Result<const Deployment*> find(std::string_view id, const identity::Principal& caller) const;
  // "": there is no such deployment, or it serves none. [any]
  std::string model_of(std::string_view id) const;

 private:
  const Deployments deployments_;
};

}  // namespace berth::dialects
