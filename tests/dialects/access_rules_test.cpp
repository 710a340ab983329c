// SPDX-License-Identifier: Apache-2.0
// What the open routes and the operators' ask for, written down a second time: one that asks for too little fails here.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

using http::Access;
using Routes = std::map<std::string, Access>;  // "GET /v2/berth/me"

class AccessRules : public GuardedServer {
 protected:
  std::set<std::string> routes_for(Access access) const {
    std::set<std::string> found;
    for (const auto& route : router_->table()) {
      if (route.access == access) found.insert(route.method + " " + route.pattern);
    }
    return found;
  }
};

TEST_F(AccessRules, LeaveOpenWhatComesBeforeAKeyAndNothingElse) {
  EXPECT_THAT(routes_for(Access::open),
              testing::UnorderedElementsAre("GET /", "GET /api", "GET /api/{file}", "GET /ui", "GET /v2/health/live",
                                            "GET /v2/health/ready", "POST /v2/berth/login", "POST /api/login",
                                            "POST /api/auth/login", "POST /register-user", "POST /token",
                                            "GET /token_status/{token}"));
}

TEST_F(AccessRules, KeepAccountsTheAuditLogAndCrashesForAdmins) {
  for (const std::string_view under : {"/v2/berth/users", "/v2/berth/keys", "/v2/berth/audit", "/v2/berth/crashes",
                                       "/toggle-user-permission", "/remove-user"}) {
    int count = 0;
    for (const auto& route : router_->table()) {
      if (!route.pattern.starts_with(under)) continue;
      ++count;
      EXPECT_EQ(route.access, Access::admin) << route.method << " " << route.pattern;
    }
    EXPECT_GT(count, 0) << under;
  }
}

TEST_F(AccessRules, LetOthersThanAdminsUseFewOfTheOperatorsRoutes) {
  Routes found;
  for (const auto& route : router_->table()) {
    const bool is_operators = route.pattern.starts_with("/v2/berth") || route.pattern.starts_with("/metrics") ||
                              route.pattern.starts_with("/v2/repository/models") ||
                              route.pattern.starts_with("/classifier");
    if (is_operators && route.access != Access::admin) found.emplace(route.method + " " + route.pattern, route.access);
  }
  const Routes expected{{"POST /v2/berth/login", Access::open},
                        {"GET /v2/berth/me", Access::known},
                        {"GET /v2/berth/records", Access::known},
                        {"GET /v2/berth/records/{id}", Access::known},
                        {"GET /v2/berth/models", Access::watch},
                        {"GET /v2/berth/models/{model}/rollout", Access::watch},
                        {"PATCH /v2/berth/models/{model}/rollout", Access::manage},
                        {"POST /v2/berth/models/{model}/rollback", Access::manage},
                        {"GET /metrics", Access::watch},
                        {"POST /v2/repository/models/{model}/load", Access::manage},
                        {"POST /v2/repository/models/{model}/unload", Access::manage},
                        {"POST /classifier/predictions", Access::known},
                        {"PUT /classifier/prediction-service/{model}", Access::manage}};
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace berth::test
