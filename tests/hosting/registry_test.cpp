// SPDX-License-Identifier: Apache-2.0
#include "hosting/registry.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "hosting/house.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

TEST(Registry, ServesAPluginThatNeedsNoPackageUnderItsOwnName) {
  House house;
  house.load({"echo"});
  const auto echo = house.model("echo");
  EXPECT_EQ(body(ask(echo, R"({"text":"hello"})")), R"({"text":"hello"})");
  EXPECT_EQ(echo->source().version, "1.0");
  EXPECT_TRUE(echo->description()->has_predict_data);
  EXPECT_FALSE(echo->description()->has_train);
  EXPECT_THAT(echo->description()->metadata_json, HasSubstr("Returns what it gets"));
}

TEST(Registry, GivesFilesAndTensorsBackUnchanged) {
  House house;
  house.load({"echo"});
  for (const std::size_t size : {0U, 1U, 2048U, 2049U, 150'000U, 4'000'000U, 20'000'000U}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
    Call call;
    call.files.push_back({"data", "a \"name\".bin", "application/x-test", Bytes(bytes)});
    const auto outcome = wait(submit(house.model("echo"), std::move(call)));
    ASSERT_TRUE(outcome.output) << body(outcome);
    EXPECT_EQ(outcome.output->kind, Output::Kind::file);
    EXPECT_TRUE(outcome.output->body.view() == bytes) << size;
    EXPECT_EQ(outcome.output->content_type, "application/x-test");
    EXPECT_EQ(outcome.output->file_name, "a \"name\".bin");
  }
  Call call;
  call.tensors.push_back({"x", "FP32", {2, 3}, Bytes(std::string(24, 'a'))});
  call.tensors.push_back({"empty", "INT64", {0, 7}, Bytes()});
  const auto outcome = wait(submit(house.model("echo"), std::move(call)));
  ASSERT_TRUE(outcome.output) << body(outcome);
  ASSERT_EQ(outcome.output->tensors.size(), 2U);
  EXPECT_EQ(outcome.output->tensors[0].shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(outcome.output->tensors[0].bytes.view(), std::string(24, 'a'));
  EXPECT_EQ(outcome.output->tensors[1].datatype, "INT64");
}

TEST(Registry, ServesAPluginThatIsOlderThanWhatItsStructsHaveNow) {
  House house;
  house.load({"older_c_plugin"});
  const auto model = house.model("c_plugin");
  EXPECT_EQ(body(ask(model, R"({"word":"x"})")), R"({"word":"x"})");
  EXPECT_EQ(model->description()->inputs_json, "[]");
  EXPECT_EQ(model->description()->outputs_json, "[]");
}

TEST(Registry, RefusesATensorWhoseBytesDoNotFitItsShape) {
  House house;
  house.load({"echo"});
  Call call;
  call.tensors.push_back({"x", "FP32", {2, 3}, Bytes(std::string(23, 'a'))});
  const auto outcome = wait(submit(house.model("echo"), std::move(call)));
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::invalid_argument);
}

TEST(Registry, ListsWhatCannotBeServedWithItsReasonAndServesTheRest) {
  const auto mark = std::filesystem::path(BERTH_FAKES_DIR) / "wrong_abi.ran";
  std::filesystem::remove(mark);
  House house;
  house.options.max_describe_seconds = 2;
  house.folder.write("plugins/text.so", "not a library");
  house.load({"echo", "wrong_abi", "no_entry", "fails_on_create", "dies_on_create", "crashes_on_open", "hangs_on_open",
              "misfits"});
  const std::pair<const char*, const char*> expected[] = {{"text", "it is not a library"},
                                                          {"wrong_abi", "ABI version 999"},
                                                          {"no_entry", "exports no berth_plugin_entry"},
                                                          {"fails_on_create", "the weights are missing"},
                                                          {"dies_on_create", "killed by signal 6"},
                                                          {"crashes_on_open", "the licence server is down"},
                                                          {"hangs_on_open", "could not be opened within 2 s"}};
  for (const auto& [name, reason] : expected) {
    const auto listed = house.listing(name);
    EXPECT_EQ(listed.status.state, State::unavailable) << name;
    EXPECT_THAT(listed.status.reason, HasSubstr(reason)) << name;
    const auto found = house.registry->find(name);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::unavailable);
    EXPECT_THAT(found.error().message, HasSubstr(reason));
  }
  EXPECT_FALSE(std::filesystem::exists(mark)) << "code of a library with a wrong ABI version has run";
  EXPECT_EQ(body(ask(house.model("echo"), "{}")), "{}");
}

TEST(Registry, SaysNotFoundForAModelThatNobodyPutThere) {
  House house;
  house.load({"echo"});
  EXPECT_EQ(house.registry->find("nobody").error().code, Code::not_found);
  EXPECT_EQ(house.registry->find("echo", "7").error().code, Code::not_found);
  EXPECT_TRUE(house.registry->find("echo", "1.0"));
}

TEST(Registry, ServesTheHighestVersionOfAPackage) {
  House house;
  for (const auto* version : {"2", "10", "9"}) {
    const auto folder = std::string("models/birds/") + version;
    house.folder.write(folder + "/model.yaml", "plugin: packaged\nlabels: labels.txt\n");
    house.folder.write(folder + "/labels.txt", "wren\n");
  }
  house.options.versions = [](std::string_view) { return VersionPolicy{.latest = 0, .listed = {}}; };
  house.load({"packaged"});
  EXPECT_EQ(house.model("birds")->source().version, "10");
  const auto outcome = ask(house.model("birds"), "{}");
  EXPECT_THAT(body(outcome), HasSubstr("\"10\""));
  EXPECT_THAT(body(outcome), HasSubstr("wren"));
  EXPECT_EQ(outcome.version, "10");
  EXPECT_EQ((*house.registry->find("birds", "9"))->source().version, "9");
}

TEST(Registry, ListsAModelThatThrowsWhileItIsReadAndServesTheRest) {
  House house;
  house.folder.write("models/birds/1/model.yaml", "plugin: packaged\nlabels: labels.txt\n");
  house.folder.write("models/birds/1/labels.txt", "wren\n");
  house.folder.write("models/cursed/1/model.yaml", "plugin: packaged\n");
  house.options.serving = [&](std::string_view name) {
    if (name == "cursed" || name == "sleeper") throw std::runtime_error("a curse");
    return house.serving;
  };
  house.load({"packaged", "echo", "sleeper"});
  for (const auto* name : {"cursed", "sleeper"}) {
    EXPECT_EQ(house.listing(name).status.state, State::unavailable) << name;
    EXPECT_THAT(house.listing(name).status.reason, HasSubstr("a curse")) << name;
  }
  EXPECT_TRUE(ask(house.model("birds"), "{}").output);
  EXPECT_TRUE(ask(house.model("echo"), "{}").output);
}

TEST(Registry, KeepsServingAnOlderVersionWhereTheNewestCannotBeLoaded) {
  House house;
  house.folder.write("models/birds/1/model.yaml", "plugin: packaged\nlabels: labels.txt\n");
  house.folder.write("models/birds/1/labels.txt", "wren\n");
  house.folder.write("models/birds/2/model.yaml", "plugin: [oops\n");
  house.load({"packaged"});
  EXPECT_EQ(house.model("birds")->source().version, "1");
  EXPECT_THAT(house.listing("birds", "2").status.reason, HasSubstr("model.yaml, line"));
}

TEST(Registry, SaysWhatIsWrongWithAPackage) {
  House house;
  house.folder.write("models/flat/model.yaml", "plugin: packaged\n");
  house.folder.write("models/empty/1/README", "");
  house.folder.write("models/orphan/1/model.yaml", "plugin: nobody\n");
  house.folder.write("models/Shouting/1/model.yaml", "plugin: packaged\n");
  house.folder.write("models/untyped/1/model.yaml", "plugin: two_models\n");
  house.folder.write("models/mistyped/1/model.yaml", "plugin: two_models\ntype: third\n");
  house.folder.write("models/badserving/1/model.yaml", "plugin: packaged\nserving: {workers: many}\n");
  house.load({"packaged", "two_models"});
  EXPECT_THAT(house.listing("flat").status.reason, HasSubstr("flat/1/model.yaml"));
  EXPECT_THAT(house.listing("empty").status.reason, HasSubstr("no readable model.yaml"));
  EXPECT_THAT(house.listing("orphan").status.reason, HasSubstr("no plugin named nobody"));
  EXPECT_THAT(house.listing("Shouting").status.reason, HasSubstr("small letters"));
  EXPECT_THAT(house.listing("untyped").status.reason, HasSubstr("must say which `type`"));
  EXPECT_THAT(house.listing("mistyped").status.reason, HasSubstr("no model type third"));
  EXPECT_THAT(house.listing("badserving").status.reason, HasSubstr("serving.workers"));
  EXPECT_EQ(house.model("upper_case")->source().type, "upper_case");
}

TEST(Registry, TakesTheFirstOfTwoLibrariesWithOneName) {
  House house;
  house.options.plugins_dirs = {house.folder / "plugins", house.folder / "more"};
  std::filesystem::create_directories(house.folder / "more/inner");
  std::filesystem::copy(std::string(BERTH_FAKES_DIR) + "/echo.so", house.folder / "more/inner/again.so");
  house.load({"echo"});
  EXPECT_EQ(house.model("echo")->source().plugin, house.folder / "plugins/echo.so");
  EXPECT_THAT(house.listing("again").status.reason, HasSubstr("a plugin named echo was found before it"));
}

TEST(Registry, LetsAPackageOverrideHowItIsServed) {
  House house;
  house.folder.write("models/birds/1/model.yaml",
                     "plugin: packaged\nlabels: labels.txt\nserving: {workers: 2, max_queue: 7}\n");
  house.folder.write("models/birds/1/labels.txt", "wren\n");
  house.load({"packaged"});
  EXPECT_TRUE(eventually([&] { return house.listing("birds").status.workers.size() == 2; }));
}

TEST(Registry, FetchesForAPluginThroughTheServer) {
  House house;
  std::string big(3'000'000, 'z');
  house.options.fetch = [&](std::string url, std::function<void(Result<File>)> done) {
    if (url == "http://a/big") return done(File{"", "big.bin", "text/x-big", Bytes(big)});
    if (url == "http://a/huge") return done(File{"", "", "", Bytes(std::string(200'000'000, 'z'))});
    if (url == "http://a/labels") return done(File{"", std::string(9'000, 'n'), std::string(65'000, 't'), Bytes("x")});
    done(failure({.code = Code::forbidden, .message = "not there", .model_status = 403}));
  };
  house.load({"fetcher"});
  Call call;
  call.method = Method::predict_url;
  call.urls = {"http://a/big", "http://a/big"};
  EXPECT_EQ(body(wait(submit(house.model("fetcher"), call))),
            R"([{"bytes":3000000,"content_type":"text/x-big","name":"big.bin"},)"
            R"({"bytes":3000000,"content_type":"text/x-big","name":"big.bin"}])");
  call.urls = {"http://a/secret"};
  const auto refused = wait(submit(house.model("fetcher"), call));
  ASSERT_FALSE(refused.output);
  EXPECT_EQ(refused.output.error().model_status, 403);
  call.urls = {"http://a/labels"};
  EXPECT_EQ(
      body(wait(submit(house.model("fetcher"), call))),
      R"([{"bytes":1,"content_type":")" + std::string(4096, 't') + R"(","name":")" + std::string(4096, 'n') + "\"}]");
  call.urls = {"http://a/huge"};
  EXPECT_EQ(wait(submit(house.model("fetcher"), call)).output.error().model_status, 413);
}

TEST(Registry, RefusesAScratchFolderThatAnotherUses) {
  House house;
  house.load({"echo"});
  const auto second = Registry::create(house.options);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another server"));
}

TEST(Registry, RefusesAWorkerProgramThatIsNotThere) {
  House house;
  house.options.worker_program = house.folder / "nowhere";
  EXPECT_FALSE(Registry::create(house.options));
}

}  // namespace
}  // namespace berth::hosting
