// SPDX-License-Identifier: Apache-2.0
#include "cli/server_options.h"

#include <gmock/gmock.h>

#include "support/temp_folder.h"

namespace berth::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ServerOptions, WithoutAnyAreTheDefaults) { EXPECT_EQ(*to_config({}), config::Config{}); }

TEST(ServerOptions, WinOverTheFile) {
  const test::TempFolder folder;
  const auto file = folder.write("berth.yaml", "server: {ip: 127.0.0.2, port: 1, io_threads: 3, plugins_dirs: [/p]}\n");
  const auto config = to_config({.config_file = file.string(),
                                 .listen_ip = "127.0.0.3",
                                 .listen_port = std::uint16_t{0},
                                 .base_path = "/x",
                                 .models_dir = "/m",
                                 .plugins_dirs = {"/a", "/b"}});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.ip, "127.0.0.3");
  EXPECT_EQ(config->server.port, 0);
  EXPECT_EQ(config->server.io_threads, 3u);
  EXPECT_EQ(config->server.base_path, "/x");
  EXPECT_EQ(config->server.models_dir, "/m");
  EXPECT_THAT(config->server.plugins_dirs, ElementsAre("/a", "/b"));
  EXPECT_THAT(to_config({.config_file = file.string()})->server.plugins_dirs, ElementsAre("/p"));
}

TEST(ServerOptions, AreCheckedAsTheFileIs) {
  EXPECT_THAT(to_config({.listen_ip = "host"}).error().message, HasSubstr("--listen-ip: expected an IPv4"));
  EXPECT_THAT(to_config({.base_path = "x"}).error().message, HasSubstr("--base-path: expected"));
  EXPECT_EQ(to_config({.config_file = "/none.yaml"}).error().code, Code::not_found);
}

}  // namespace
}  // namespace berth::cli
