// SPDX-License-Identifier: Apache-2.0
// Every recorded call of the original servers, sent over sockets to the real server and real plugins.
#include "dialects/transcript.h"

#include <gmock/gmock.h>

#include "fixtures.h"

namespace berth::test {
namespace {

using testing::IsEmpty;

std::vector<std::string> replay_on(const ServerProcess& server, const std::string& file,
                                   const std::function<bool(std::string_view)>& wanted = {}) {
  auto client = server.client();
  return replay(
      std::filesystem::path(BERTH_TRANSCRIPTS_DIR) / file, deepaas_differences(),
      [&](const Exchange& exchange) {
        const auto answer = client.send(exchange.method, exchange.target, exchange.headers, exchange.body);
        return Answer{answer.status, answer.header("content-type"), answer.body};
      },
      wanted);
}

TEST(RecordedCalls, V2ProbeIsAnsweredAsRecorded) {
  const ServerProcess server({.plugins = {fake("probe_v2")}});
  EXPECT_THAT(replay_on(server, "v2_probe.transcript.txt"), IsEmpty());
}

TEST(RecordedCalls, V2TestModelIsAnsweredAsRecorded) {
  const ServerProcess server({.plugins = {fake("deepaas_test")}});
  EXPECT_THAT(replay_on(server, "v2_deepaas-test.transcript.txt"), IsEmpty());
}

// The other model of this transcript implemented nothing; in V2's form, which the fake has, it predicts.
TEST(RecordedCalls, V1DemoIsAnsweredAsRecorded) {
  const ServerProcess server({.plugins = {fake("v1demo")}});
  const auto is_demo = [](std::string_view target) { return target.starts_with("/models/v1demo"); };
  EXPECT_THAT(replay_on(server, "v1_transcript.txt", is_demo), IsEmpty());
}

}  // namespace
}  // namespace berth::test
