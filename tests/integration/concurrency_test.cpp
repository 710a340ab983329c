// SPDX-License-Identifier: Apache-2.0
// Nothing of one request is ever visible in another.
#include <atomic>
#include <thread>

#include "fixtures.h"

namespace berth::test {
namespace {

TEST(Concurrency, EveryCallerGetsTheAnswerToItsOwnRequest) {
  const ServerProcess server({.plugins = {plugin("greeter")}, .config = "defaults:\n  workers: 2\n"});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> clients;
    for (int c = 0; c < 8; ++c) {
      clients.emplace_back([&, c] {
        auto client = server.client();
        for (int i = 0; i < 100; ++i) {
          const auto name = "caller-" + std::to_string(c) + "-" + std::to_string(i);
          // Half of them by form, half by JSON, so that the ways could mix if they shared anything.
          const auto answer = i % 2 == 0
                                  ? client.post_json("/v2/models/greeter/predict", R"({"name":")" + name + "\"}")
                                  : upload(client, "/v2/models/greeter/predict", {{.name = "name", .content = name}});
          if (answer.body.find("Hello " + name + "\"") == std::string::npos) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Concurrency, AModelsErrorIsAnAnswerToOneCaller) {
  const ServerProcess server({.plugins = {fake("probe_v2")}});
  auto client = server.client();
  EXPECT_EQ(client.post_json("/v2/models/probe/predict/", R"({"mode":"http400"})").status, 400);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.post_json("/v2/models/probe/predict/", "{}").status, 200);
}

TEST(Concurrency, UploadsLeaveNothingBehind) {
  const TempFolder scratch;
  const ServerProcess server(
      {.plugins = {fake("echo")}, .config = "server:\n  scratch_dir: " + scratch.path().string() + "\n"});
  auto client = server.client();
  client.get("/v2/models/");
  const auto descriptors = open_descriptors(server.pid());  // this connection's among them
  for (int i = 0; i < 20; ++i) {
    const auto answer = upload(client, "/v2/models/echo/predict",
                               {{.name = "data", .content = std::string(300'000, 'x'), .file_name = "x.bin"}});
    ASSERT_EQ(answer.status, 200) << answer.body.substr(0, 200);
  }
  EXPECT_LE(open_descriptors(server.pid()), descriptors);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path())) {
    // The server's own copies of plugins are no upload.
    const bool is_copy = entry.path().string().starts_with((scratch.path() / "berth/libraries").string());
    EXPECT_TRUE(is_copy || entry.is_directory() || entry.file_size() == 0) << entry.path();
  }
}

}  // namespace
}  // namespace berth::test
