// SPDX-License-Identifier: Apache-2.0
#include "config/suggestion.h"

#include <gmock/gmock.h>

namespace berth::config {
namespace {

TEST(Suggestion, FindsTheNearestKey) {
  EXPECT_EQ(suggest("prot", {"ip", "port"}, {}), "port");
  EXPECT_EQ(suggest("max_body_byte", {"max_body_bytes", "max_body_bytes_in_memory"}, {}), "max_body_bytes");
  EXPECT_EQ(suggest("max-queue", {"max_batch", "max_queue"}, {}), "max_queue");
}

TEST(Suggestion, LooksElsewhereForAKeyInTheWrongPlace) {
  EXPECT_EQ(suggest("port", {"server", "log"}, all_keys()), "server.port");
  EXPECT_EQ(suggest("workers", {"server", "log"}, all_keys()), "defaults.workers");
}

TEST(Suggestion, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(suggest("colour", {"ip", "port"}, all_keys()), "");
  EXPECT_EQ(suggest("x", {"ip"}, {}), "");
}

TEST(Suggestion, KnowsEveryKey) {
  const auto keys = all_keys();
  EXPECT_THAT(
      keys, testing::IsSupersetOf({"server.models_dir", "server", "server.port", "limits.max_body_bytes", "log.level",
                                   "defaults.workers", "models", "fetch.allow", "deepaas.debug",
                                   "trainings.max_running", "quotas.max_addresses", "quotas.roles", "quotas.roles.user",
                                   "quotas.roles.user.concurrent", "quotas.roles.admin", "defaults.quota.burst"}));
}

}  // namespace
}  // namespace berth::config
