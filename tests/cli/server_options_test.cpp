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

TEST(ServerOptions, OneFolderIsTakenForWhatItHolds) {
  const test::TempFolder folder;
  EXPECT_EQ(to_config({}).value().server.models_dir, "");
  ServerOptions nothing;
  EXPECT_THAT(take_from_folder(folder.path().string(), nothing).error().message, HasSubstr("neither packages"));
  EXPECT_FALSE(take_from_folder("/none", nothing));

  const auto plugins = folder / "plugins";
  folder.write("plugins/deep/a.so", "");
  ServerOptions libraries;
  ASSERT_TRUE(take_from_folder(plugins.string(), libraries));
  EXPECT_THAT(libraries.plugins_dirs, ElementsAre(plugins.string()));
  EXPECT_FALSE(std::filesystem::is_directory(libraries.models_dir.value())) << "the program's own would be listed, too";

  const auto models = folder / "models";
  folder.write("models/digits/1/model.yaml", "");
  ServerOptions packages{.plugins_dirs = {"/p"}};
  ASSERT_TRUE(take_from_folder(models.string(), packages));
  EXPECT_EQ(packages.models_dir, models.string());
  EXPECT_THAT(packages.plugins_dirs, ElementsAre("/p"));

  folder.write("models/a.so", "");
  ServerOptions both;
  ASSERT_TRUE(take_from_folder(models.string(), both));
  EXPECT_EQ(both.models_dir, models.string());
  EXPECT_THAT(both.plugins_dirs, ElementsAre(models.string()));
}

TEST(ServerOptions, AreCheckedAsTheFileIs) {
  EXPECT_THAT(to_config({.listen_ip = "host"}).error().message, HasSubstr("--listen-ip: expected an IPv4"));
  EXPECT_THAT(to_config({.base_path = "x"}).error().message, HasSubstr("--base-path: expected"));
  EXPECT_EQ(to_config({.config_file = "/none.yaml"}).error().code, Code::not_found);
}

}  // namespace
}  // namespace berth::cli
