// SPDX-License-Identifier: Apache-2.0
// Two versions of a model that are served at once, as callers reach them.
#include "versions.h"

#include <gmock/gmock.h>

#include <array>
#include <set>
#include <thread>

#include "fixtures.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

class LiveVersions : public testing::Test {
 protected:
  void decide(const std::string& rollout) {
    auto admin = server_.admin();
    const auto answer = admin.send("PATCH", "/v2/berth/models/birds/rollout", {}, rollout);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  static HttpAnswer infer(HttpClient& client, const std::string& version = "") {
    return client.post_json("/v2/models/birds" + version + "/infer",
                            R"({"inputs":[{"name":"any","datatype":"BOOL","shape":[1],"data":[true]}]})");
  }
  // The calls that name no version, of DEEPaaS V1 and V2 and of Open Inference; the other languages' tests look whom
  // they choose a version for.
  static constexpr std::size_t kDialects = 3;
  static HttpAnswer ask(HttpClient& client, std::size_t dialect) {
    if (dialect == 0) return client.send("POST", "/models/birds/predict");
    if (dialect == 1) return client.post_json("/v2/models/birds/predict", "{}");
    return infer(client);
  }
  // Which version answered; its status and words where none did.
  static std::string version_of(const HttpAnswer& answer) {
    if (answer.status == 200) return answer.header("x-model-version");
    return std::to_string(answer.status).append(" ").append(answer.body);
  }

  const TwoVersions models_;
  const ServerProcess server_{
      {.plugins = {fake("swapper_a")}, .models_dir = models_.path(), .config = "defaults: {versions: all}\n"}};
  HttpClient client_ = server_.client();
};

TEST_F(LiveVersions, AreReachedByNumberAndByLabel) {
  decide(R"({"active":"1","labels":{"canary":{"version":"2"},"stable":{"version":"1"}}})");
  constexpr std::array<std::array<const char*, 2>, 5> kPaths{
      {{"", "1"}, {"/versions/1", "1"}, {"/versions/2", "2"}, {"/versions/canary", "2"}, {"/versions/stable", "1"}}};
  for (const auto& [path, version] : kPaths) {
    const auto answer = infer(client_, path);
    ASSERT_EQ(version_of(answer), version) << path;
    const auto body = json_of(answer);
    EXPECT_EQ(text_at(body, "model_version"), version) << path;
    EXPECT_EQ(text_at(body["outputs"][0], "name"), "weights") << path;
    EXPECT_STREQ(body["outputs"][0]["data"][0].GetString(), version) << path << ": whose weights answered";
    EXPECT_EQ(client_.get(std::string("/v2/models/birds").append(path).append("/ready")).status, 200) << path;
  }
  EXPECT_THAT(client_.get("/v2/models/birds/versions/canary").body, HasSubstr(R"("versions":["1","2"])"));
  EXPECT_THAT(client_.get("/v2/models/birds/versions/canary/stats").body, HasSubstr(R"("version":"2")"));
  for (const auto* unknown : {"/versions/3", "/versions/beta"}) EXPECT_EQ(infer(client_, unknown).status, 404);
}

TEST_F(LiveVersions, ShareAThousandCallsExactlyHoweverTheyCome) {
  decide(R"({"active":"1","labels":{"canary":{"version":"2","percent":12.5}}})");
  constexpr std::size_t kClients = 4, kCallsOfEach = 250;
  std::array<std::map<std::string, int>, kClients> counts;
  {
    std::vector<std::jthread> clients;
    for (auto& count : counts) {
      clients.emplace_back([this, &count] {
        auto client = server_.client();
        for (std::size_t i = 0; i < kCallsOfEach; ++i) ++count[version_of(ask(client, i % kDialects))];
      });
    }
  }
  std::map<std::string, int> all;
  for (const auto& count : counts) {
    for (const auto& [version, calls] : count) all[version] += calls;
  }
  EXPECT_EQ(all, (std::map<std::string, int>{{"1", 875}, {"2", 125}}));
  EXPECT_EQ(version_of(infer(client_, "/versions/1")), "1") << "who names a version gets it";
}

TEST_F(LiveVersions, KeepTheirCallersWhereTheyAreSticky) {
  decide(R"({"active":"1","labels":{"canary":{"version":"2","percent":50}},"sticky":true})");
  std::set<std::string> served;
  for (int caller = 1; caller <= 24; ++caller) {
    std::set<std::string> versions;
    for (std::size_t call = 0; call < 2 * kDialects; ++call) {
      auto client = server_.client();  // a caller is its address, not its connection
      client.call_from("127.0.0." + std::to_string(caller));
      versions.insert(version_of(ask(client, call % kDialects)));
    }
    EXPECT_EQ(versions.size(), 1U) << testing::PrintToString(versions);
    served.insert(versions.begin(), versions.end());
  }
  EXPECT_EQ(served, (std::set<std::string>{"1", "2"}));
}

TEST_F(LiveVersions, KeepKeysWhereTheyAreFromWhereverTheyCome) {
  decide(R"({"active":"1","labels":{"canary":{"version":"2","percent":50}},"sticky":true})");
  auto admin = server_.admin();
  const auto user = json_of(admin.post_json("/v2/berth/users", R"({"username":"ada","role":"user"})"));
  const auto keys = "/v2/berth/users/" + std::to_string(user["id"].GetInt64()) + "/keys";
  std::set<std::string> served;
  for (int number = 1; number <= 24; ++number) {
    const auto made = json_of(admin.post_json(keys, R"({"name":"k)" + std::to_string(number) + "\"}"));
    std::set<std::string> versions;
    for (std::size_t call = 0; call < 2 * kDialects; ++call) {
      auto client = server_.client();
      client.call_from("127.0.1." + std::to_string(call + 1));
      client.show_key(text_at(made, "key"));
      versions.insert(version_of(ask(client, call % kDialects)));
    }
    EXPECT_EQ(versions.size(), 1U) << testing::PrintToString(versions);
    served.insert(versions.begin(), versions.end());
  }
  EXPECT_EQ(served, (std::set<std::string>{"1", "2"})) << "two keys of one user are two callers";
}

}  // namespace
}  // namespace berth::test
