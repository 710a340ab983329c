// SPDX-License-Identifier: Apache-2.0
// Calls on record: through the real server, its death, and its database's.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "base/json_object.h"
#include "base/mutex.h"
#include "fixtures.h"
#include "store/database.h"
#include "store/records.h"
#include "support/command.h"
#include "support/postgres_server.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

std::string say(const std::string& text) { return json::ObjectText().text("text", text).done(); }

std::vector<store::Record> records_in(const std::string& url) {
  std::vector<store::Record> records;
  const auto database = store::Database::open({.url = url});
  if (!database) return records;
  const auto read = (*database)->read([&records](soci::session& sql) -> Result<> {
    records = store::find(sql, {.count = 1'000'000}).records;
    return {};
  });
  EXPECT_TRUE(read);
  return records;
}

class RecordsOfAServer : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) return;
    postgres_ = shared_postgres();
    if (postgres_ == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
    url_ = postgres_->make_database();
  }
  void start(const std::string& more = "") {
    std::string store;
    if (!url_.empty()) store.append("store: {url: \"").append(url_).append("\", retry: 20ms}\n");
    server_ = std::make_unique<ServerProcess>(
        ServerProcess::Options{.plugins = {fake("echo")}, .config = "defaults: {records: durable}\n" + store + more});
    if (url_.empty()) url_ = "sqlite:" + (server_->folder() / "state/berth.db").string();
  }

  PostgresServer* postgres_ = nullptr;
  std::string url_;
  std::unique_ptr<ServerProcess> server_;
};
INSTANTIATE_TEST_SUITE_P(On, RecordsOfAServer, testing::Values(false, true),
                         [](const auto& kind) { return kind.param ? "Postgresql" : "Sqlite"; });

TEST_P(RecordsOfAServer, HasEachCallThatWasAnsweredBeforeItWasKilled) {
  start();
  Mutex mutex;
  std::set<std::string> answered;
  std::atomic<std::size_t> count = 0;
  {
    std::vector<std::jthread> callers;
    for (int c = 0; c < 8; ++c) {
      callers.emplace_back([&, c] {
        try {
          auto client = server_->client();
          for (int i = 0;; ++i) {
            const auto text = std::to_string(c) + "-" + std::to_string(i);
            if (client.post_json("/v2/models/echo/predict", say(text)).status != 200) return;
            ++count;
            const Lock lock(mutex);
            answered.insert(text);
          }
        } catch (const std::exception&) {  // the server is gone
        }
      });
    }
    while (count < 400) std::this_thread::yield();
    server_->signal(SIGKILL);
  }
  server_->wait(std::chrono::minutes(1));
  ASSERT_GE(answered.size(), 400U);
  std::set<std::string> kept;
  for (const auto& record : records_in(url_)) {
    if (!record.response) continue;
    EXPECT_EQ(record.response->status, "ok");
    const auto output = json::parse(record.response->output_json);
    kept.insert(json::text_at(*output, "text"));
    EXPECT_THAT(record.request.input_json, HasSubstr(json::quote(json::text_at(*output, "text"))));
  }
  for (const auto& text : answered) EXPECT_TRUE(kept.contains(text)) << text;
}

TEST_P(RecordsOfAServer, SaysWhoAskedWhatAndWhatCameOfIt) {
  start("models: {echo: {records: async}}\n");
  auto client = server_->client();
  ASSERT_EQ(client.post_json("/v2/models/echo/predict", say("hello")).status, 200);
  ASSERT_EQ(client.post_json("/v2/models/echo/predict", R"({"text":"x","password":"hunter2"})").status, 200);
  client.show_key(server_->admin_key());
  ASSERT_EQ(client.post_json("/v2/models/echo/predict", say("by an admin")).status, 200);
  ASSERT_EQ(client.post_json("/v2/models/nobody/predict", "{}").status, 404);
  server_->signal(SIGTERM);
  ASSERT_EQ(server_->wait(std::chrono::minutes(1)), 0);
  const auto records = records_in(url_);
  ASSERT_EQ(records.size(), 3U) << "what reaches no model is no record";
  EXPECT_THAT(records[0].request.principal, HasSubstr("key "));
  EXPECT_NE(records[0].request.user_id, 0);
  EXPECT_EQ(records[2].request.principal, "address 127.0.0.1");
  EXPECT_EQ(records[2].request.user_id, 0);
  EXPECT_EQ(records[2].request.dialect, "deepaas-v2");
  EXPECT_EQ(records[2].request.version, "1.0");
  EXPECT_EQ(records[2].response->output_json, R"({"text":"hello"})");
  EXPECT_GT(records[2].response->total_us, 0);
  for (const auto& record : records) EXPECT_EQ(record.request.input_json.find("hunter2"), std::string::npos);
}

TEST_P(RecordsOfAServer, HasTheCallsOfEachDialectThatAModelHas) {
  start();
  auto client = server_->client();
  const auto tensors = R"({"inputs":[{"name":"text","datatype":"BYTES","shape":[1],"data":["hello"]}]})";
  ASSERT_EQ(client.post_json("/models/echo/predict?text=hello", "{}").status, 200);
  ASSERT_EQ(client.post_json("/v2/models/echo/predict", say("hello")).status, 200);
  (void)client.post_json("/v2/models/echo/infer", tensors);
  server_->signal(SIGTERM);
  ASSERT_EQ(server_->wait(std::chrono::minutes(1)), 0);
  std::vector<std::string> dialects;
  for (const auto& record : records_in(url_)) dialects.push_back(record.request.dialect);
  EXPECT_THAT(dialects, testing::ElementsAre("open-inference", "deepaas-v2", "deepaas-v1"));
}

TEST(RecordsOutageOfAServer, CostsDurableCallsUntilTheDatabaseIsBack) {
  if (PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
  PostgresServer postgres;
  const ServerProcess server(
      {.plugins = {fake("echo")},
       .config = "defaults: {records: durable}\nstore: {url: \"" + postgres.make_database() + "\", retry: 20ms}\n"});
  auto client = server.client();
  ASSERT_EQ(client.post_json("/v2/models/echo/predict", say("a")).status, 200);
  auto admin = server.admin();
  const auto user = json_of(admin.post_json("/v2/berth/users", R"({"username":"ada"})"));
  const auto keys = "/v2/berth/users/" + std::to_string(user["id"].GetInt64()) + "/keys";
  const auto key = text_at(json_of(admin.post_json(keys, R"({"name":"k"})")), "key");
  postgres.stop();
  const auto refused = client.post_json("/v2/models/echo/predict", say("b"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("could not be put on record"));
  while (client.get("/v2/health/ready").status == 200) std::this_thread::yield();
  auto ada = server.client();
  ada.show_key(key);
  const auto hidden = ada.get("/v2/berth/records");
  EXPECT_EQ(hidden.status, 503);
  EXPECT_EQ(text_at(json_of(hidden), "message"), "the database cannot be used at the moment");
  postgres.start();
  while (client.get("/v2/health/ready").status != 200) std::this_thread::yield();
  EXPECT_EQ(client.post_json("/v2/models/echo/predict", say("c")).status, 200);
}

TEST(RecordsCommands, ListShowExportAndRemove) {
  const ServerProcess server({.plugins = {fake("echo")}, .config = "defaults: {records: durable}\n"});
  const auto berth = [&server](const std::string& arguments) {
    return run("BERTH_API_KEY= " BERTH_PROGRAM " " + arguments + " --key-file " +
               (server.folder() / "state/admin.key").string() +
               " --url http://127.0.0.1:" + std::to_string(server.port()) + " 2>&1");
  };
  auto client = server.admin();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(client.post_json("/v2/models/echo/predict", say("hello")).status, 200);
  const auto listed = berth("records list --model echo --count 2");
  EXPECT_EQ(listed.code, 0) << listed.output;
  EXPECT_EQ(std::ranges::count(listed.output, '\n'), 3) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("deepaas-v2"));
  const auto lines = berth("records export --status ok --user admin");
  EXPECT_EQ(std::ranges::count(lines.output, '\n'), 3) << lines.output;
  const auto first = json::parse(lines.output.substr(0, lines.output.find('\n')));
  ASSERT_TRUE(first);
  const auto shown = berth("records show " + std::to_string((*first)["id"].GetInt64()));
  EXPECT_THAT(shown.output, HasSubstr(R"("output":{"text":"hello"})"));
  const auto table = berth("records export --format csv");
  EXPECT_EQ(table.output.find("id,time,"), 0U);
  EXPECT_EQ(berth("records show 17").code, 1);
  // The name comes first: the admin's id is 1.
  ASSERT_EQ(berth("user add 1").code, 0);
  EXPECT_EQ(berth("records remove 1").output, "{\"removed\":0}\n");
  EXPECT_EQ(berth("records remove admin").output, "{\"removed\":3}\n");
  EXPECT_EQ(berth("records export").output, "");
  EXPECT_THAT(berth("audit list").output, HasSubstr("records.remove"));
}

}  // namespace
}  // namespace berth::test
