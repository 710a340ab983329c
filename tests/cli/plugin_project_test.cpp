// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_project.h"

#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace berth::cli {
namespace {

TEST(PluginProject, ChecksNames) {
  for (const auto* name : {"a", "my_model", "3d-net", "x0"}) EXPECT_TRUE(is_plugin_name(name)) << name;
  for (const std::string name : {"", "A", "_x", "-x", "a b", "a/b", "..", "é"})
    EXPECT_FALSE(is_plugin_name(name)) << name;
  EXPECT_FALSE(is_plugin_name(std::string(65, 'a')));
}

TEST(PluginProject, MakesClassNames) {
  EXPECT_EQ(class_name("my_model-2"), "MyModel2");
  EXPECT_EQ(class_name("greeter"), "Greeter");
  EXPECT_EQ(class_name("3d"), "Model3d");
}

TEST(PluginProject, FillsTheTemplate) {
  const test::TempFolder folder;
  folder.write("template/@NAME@.cpp", "class @CLASS@ {}; // @NAME@ @NAME@ @OTHER@");
  folder.write("template/models/@NAME@/1/model.yaml", "name: @NAME@");
  const auto target = folder / "new";
  ASSERT_TRUE(write_project(folder / "template", target, "my_model"));
  EXPECT_EQ(test::read_file(target / "my_model.cpp"), "class MyModel {}; // my_model my_model @OTHER@");
  EXPECT_EQ(test::read_file(target / "models/my_model/1/model.yaml"), "name: my_model");
}

TEST(PluginProject, TouchesNothingThatIsThere) {
  const test::TempFolder folder;
  folder.write("template/a", "new");
  folder.write("taken/a", "old");
  const auto written = write_project(folder / "template", folder / "taken", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::conflict);
  EXPECT_EQ(test::read_file(folder / "taken/a"), "old");
}

TEST(PluginProject, LeavesNothingBehindWithoutATemplate) {
  const test::TempFolder folder;
  EXPECT_FALSE(write_project(folder / "none", folder / "new", "x"));
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
}

}  // namespace
}  // namespace berth::cli
