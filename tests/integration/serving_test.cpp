// SPDX-License-Identifier: Apache-2.0
// What is served and what is not: namespaces, reasons, request ids, the root, the API page.
#include "fixtures.h"

namespace berth::test {
namespace {

TEST(Serving, GivesEachPluginANamespaceOfItsOwn) {
  const ServerProcess server({.plugins = {plugin("greeter"), fake("echo")}});
  auto client = server.client();
  const auto greeting = client.post_json("/v2/models/greeter/predict", R"({"name":"Ada"})");
  EXPECT_EQ(greeting.status, 200) << greeting.body;
  EXPECT_EQ(greeting.body, R"({"status":"OK","predictions":{"greeting":"Hello Ada"}})");
  EXPECT_EQ(client.get("/v2/models/echo/").status, 200);
  EXPECT_EQ(client.get("/v2/models/other/").status, 404);
}

TEST(Serving, AnswersNotImplementedForWhatAModelDoesNotImplement) {
  const ServerProcess server({.plugins = {plugin("greeter")}});
  auto client = server.client();
  EXPECT_EQ(client.send("POST", "/v2/models/greeter/train/").status, 501);
  EXPECT_EQ(client.send("PUT", "/models/greeter/train").status, 501);
}

TEST(Serving, ListsWhatCannotBeLoadedWithTheReasonAndServesTheRest) {
  const TempFolder folder;
  const auto text_file = folder.write("notes.so", "this is no library");
  const ServerProcess server({.plugins = {plugin("greeter"), fake("wrong_abi"), fake("no_entry"),
                                          fake("fails_on_create"), fake("bad_args"), text_file}});
  auto client = server.client();
  EXPECT_EQ(client.post_json("/v2/models/greeter/predict", R"({"name":"Ada"})").status, 200);

  const auto expect_reason = [&](std::string_view name, std::string_view part) {
    const auto entry = listing_of(server, name);
    ASSERT_TRUE(entry.IsObject()) << name << " is not listed";
    EXPECT_EQ(text_at(entry, "state"), "unavailable") << name;
    EXPECT_NE(text_at(entry, "reason").find(part), std::string::npos) << name << ": " << text_at(entry, "reason");
  };
  expect_reason("wrong_abi", "999");
  expect_reason("no_entry", "berth_plugin_entry");
  expect_reason("notes", "ELF");
  expect_reason("bad_args", "files");
  const auto broken = client.get("/v2/models/fails_on_create");
  EXPECT_EQ(broken.status, 503);
  EXPECT_EQ(broken.body.find("weights"), std::string::npos) << "the reason is for the admin: " << broken.body;
  expect_reason("fails_on_create", "the weights are missing");
}

TEST(Serving, LeavesAloneWhatElseIsInItsScratchFolder) {
  const TempFolder shared;
  const auto notes = shared.write("worker-data/notes", "a stranger's"),
             theirs = shared.write("libraries/x", "a stranger's"),
             left = shared.write("berth/worker-3/file", "a dead server's");
  namespace fs = std::filesystem;
  fs::permissions(shared.path(), fs::perms::all | fs::perms::sticky_bit);
  const auto mode = fs::status(shared.path()).permissions();
  {
    const ServerProcess server(
        {.plugins = {fake("echo")}, .config = "server:\n  scratch_dir: " + shared.path().string() + "\n"});
    auto client = server.client();
    EXPECT_EQ(client.post_json("/v2/models/echo/predict", R"({"text":"a"})").status, 200);
    EXPECT_EQ(fs::status(shared.path() / "berth").permissions(), fs::perms::owner_all);
  }
  EXPECT_EQ(read_file(notes), "a stranger's");
  EXPECT_EQ(read_file(theirs), "a stranger's");
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(fs::status(shared.path()).permissions(), mode);
}

TEST(Serving, EchoesASaneRequestIdAndMakesOneOtherwise) {
  const ServerProcess server({.plugins = {plugin("greeter")}});
  auto client = server.client();
  EXPECT_EQ(client.send("GET", "/v2/models/", {{"X-Request-Id", "my-id-1"}}).header("x-request-id"), "my-id-1");
  EXPECT_EQ(client.send("GET", "/v2/models/", {{"X-Request-Id", "not sane"}}).header("x-request-id").size(), 32u);
  EXPECT_EQ(client.get("/nowhere").header("x-request-id").size(), 32u);
}

TEST(Serving, PutsTheRequestIdInTheLogLinesOfTheRequest) {
  const ServerProcess server({.plugins = {fake("probe_v2")}, .config = "log:\n  format: json\n"});
  auto client = server.client();
  const auto answer = client.send("POST", "/v2/models/probe/predict/?mode=boom", {{"X-Request-Id", "find-me"}});
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(server.log().find("\"request_id\":\"find-me\""), std::string::npos) << server.log();
}

TEST(Serving, WorksBelowABasePath) {
  const ServerProcess server({.plugins = {plugin("greeter")}, .arguments = {"--base-path", "/lab/ml"}});
  auto client = server.client();
  EXPECT_EQ(client.get("/v2/models/").status, 404);
  const auto models = json_of(client.get("/lab/ml/v2/models/"));
  EXPECT_EQ(text_at(models["models"][0]["links"][0], "href"), "/lab/ml/v2/models/greeter");
  EXPECT_EQ(text_at(json_of(client.get("/lab/ml/swagger.json")), "basePath"), "/lab/ml");
}

TEST(Serving, ShowsTheApiPageAndItsDocument) {
  const ServerProcess server({.plugins = {plugin("greeter")}});
  auto client = server.client();
  const auto redirect = client.get("/ui");
  EXPECT_EQ(redirect.status, 302);
  EXPECT_EQ(redirect.header("location"), "/api");
  const auto page = client.get("/api");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.header("content-type").find("text/html"), std::string::npos);
  const auto document = json_of(client.get("/swagger.json"));
  EXPECT_NE(json::find(document["paths"], "/v2/models/greeter/predict/"), nullptr);
}

TEST(Serving, AnswersPaymentRequiredWhereAnEndpointIsSwitchedOff) {
  const ServerProcess server({.plugins = {fake("probe_v2")}, .config = "deepaas: {predict: false, train: false}\n"});
  auto client = server.client();
  for (const auto* target : {"/v2/models/probe/predict/", "/v2/models/probe/train/?sleep=0", "/models/probe/predict"}) {
    EXPECT_EQ(client.send("POST", target).status, 402) << target;
  }
  EXPECT_EQ(client.send("PUT", "/models/probe/train?sleep=0").status, 402);
  EXPECT_EQ(client.get("/v2/models/probe").status, 200);
}

TEST(Serving, BoundsWhatABodyMayHoldAsConfigured) {
  const ServerProcess server(
      {.plugins = {plugin("greeter")}, .config = "limits: {max_parts: 2, max_form_fields: 2, max_body_bytes: 1KiB}\n"});
  auto client = server.client();
  const FormPart name{.name = "name", .content = "Ada"};
  EXPECT_EQ(upload(client, "/v2/models/greeter/predict", {name, name}).status, 200);
  EXPECT_EQ(upload(client, "/v2/models/greeter/predict", {name, name, name}).status, 413);
  const HttpClient::Headers form{{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(client.send("POST", "/v2/models/greeter/predict", form, "name=a&b=c&d=e").status, 400);
  EXPECT_EQ(client.send("POST", "/v2/models/greeter/predict", form, "name=" + std::string(2000, 'a')).status, 413);
}

TEST(Serving, LinksNeitherLibTorchNorOpenCv) {
  const ServerProcess server({.plugins = {plugin("greeter")}});
  const auto maps = read_file("/proc/" + std::to_string(server.pid()) + "/maps");
  ASSERT_NE(maps.find("/berth"), std::string::npos);
  EXPECT_EQ(maps.find("libtorch"), std::string::npos);
  EXPECT_EQ(maps.find("libopencv"), std::string::npos);
}

}  // namespace
}  // namespace berth::test
