// SPDX-License-Identifier: Apache-2.0
// Plugins as files: opened as a host opens them, whatever compiler, library or language they were built with.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "recording_host.h"
#include "support/command.h"

namespace berth::test {
namespace {

std::filesystem::path fake(const std::string& name) { return std::filesystem::path(BERTH_FAKES_DIR) / (name + ".so"); }

// Stays open: what a plugin loads is not made to be unloaded.
const berth_plugin* open(const std::filesystem::path& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  const auto* entry = static_cast<const berth_plugin*>(::dlsym(library, BERTH_ENTRY_SYMBOL));
  if (entry == nullptr) throw std::runtime_error("no entry in " + path.string());
  return entry;
}

TEST(Loading, APluginInPlainC) {
  const berth_plugin* plugin = open(fake("c_plugin"));
  Loaded model(*plugin->models[0]);
  Outcome metadata, predicted;
  model.ask(plugin->models[0]->get_metadata, metadata);
  EXPECT_EQ(metadata.json()["name"], "c_plugin");
  model.predict(predicted, R"({"word":"x"})");
  EXPECT_EQ(predicted.body, R"({"word":"x"})");
  EXPECT_EQ(model.host.metrics.size(), 1u);
}

void expect_counts_words_and_throws(const std::string& name) {
  const berth_plugin* plugin = open(fake(name));
  EXPECT_EQ(plugin->name, name);
  Loaded model(*plugin->models[0]);
  Outcome counted, error, thrown, number;
  model.predict(counted, R"({"text":"to be or not to be"})");
  EXPECT_EQ(counted.json(), Json::parse(R"({"be":2,"not":1,"or":1,"to":2})"));
  model.predict(error, R"({"text":"error"})");
  EXPECT_EQ(error.status, 422);
  EXPECT_EQ(error.body, "an error for the client");
  model.predict(thrown, R"({"text":"throw"})");
  EXPECT_EQ(thrown.status, 0);
  EXPECT_EQ(thrown.body, "an exception of the standard library");
  model.predict(number, R"({"text":"throw int"})");
  EXPECT_EQ(number.kind, "error");
}

TEST(Loading, APluginBuiltAsCpp17) {
  expect_counts_words_and_throws("cpp17");
  EXPECT_NE(std::string(open(fake("cpp17"))->build_info).find("C++ 201703L"), std::string::npos);
}

TEST(Loading, APluginBuiltByClangWithLibcxx) {
  if (!std::filesystem::exists(fake("libcxx"))) GTEST_SKIP() << "no clang++ with libc++ here";
  expect_counts_words_and_throws("libcxx");
  EXPECT_NE(std::string(open(fake("libcxx"))->build_info).find("libc++"), std::string::npos);
}

TEST(Loading, SeveralModelsInOneLibrary) {
  const berth_plugin* plugin = open(fake("two_models"));
  ASSERT_EQ(plugin->model_count, 2u);
  EXPECT_STREQ(plugin->models[0]->name, "upper_case");
  EXPECT_NE(plugin->models[0]->predict_data, nullptr);
  EXPECT_EQ(plugin->models[0]->predict_url, nullptr);
  EXPECT_STREQ(plugin->models[1]->name, "url-counter");
  EXPECT_EQ(plugin->models[1]->predict_data, nullptr);
  EXPECT_NE(plugin->models[1]->predict_url, nullptr);
}

TEST(Loading, TheEntryIsTheOneSymbolThatAPluginExports) {
  for (const auto& path : {fake("echo"), fake("probe_v2"), std::filesystem::path(BERTH_PLUGINS_DIR) / "greeter.so"}) {
    const std::string symbols = run("nm --dynamic --defined-only " + path.string()).output;
    EXPECT_EQ(std::count(symbols.begin(), symbols.end(), '\n'), 1) << symbols;
    EXPECT_NE(symbols.find(" berth_plugin_entry\n"), std::string::npos) << symbols;
  }
}

TEST(Loading, APluginNeedsTheStandardLibrariesAndNothingOfOurs) {
  std::istringstream lines(run("readelf --dynamic --wide " + fake("echo").string()).output);
  int needed = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("(NEEDED)") == std::string::npos) continue;
    ++needed;
    EXPECT_TRUE(std::regex_search(line, std::regex(R"(\[(libstdc\+\+|libm|libgcc_s|libc|ld-linux.*|lib.*san)\.so)")))
        << line;
  }
  EXPECT_GT(needed, 0);
}

}  // namespace
}  // namespace berth::test
