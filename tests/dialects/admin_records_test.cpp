// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include "base/json.h"
#include "dialects/guarded_server.h"
#include "dialects/record_json.h"

namespace berth::dialects {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kFirst = 1'795'000'000'000'000;  // 2026-11-18T11:06:40Z

class AdminRecords : public test::GuardedServer {
 protected:
  void SetUp() override {
    GuardedServer::SetUp();
    ada_.key = key_of("ada", test::Role::user);
    eve_.key = key_of("eve", test::Role::user);
    viewer_.key = key_of("vic", test::Role::viewer);
    root_.key = key_of("root", test::Role::admin);
    ada_id_ = gate_->accounts().user("ada")->id;
    for (int i = 0; i < 6; ++i) keep(kFirst + i, i % 2 == 0 ? ada_id_ : gate_->accounts().user("eve")->id);
  }

  void keep(std::int64_t id, std::int64_t user) {
    records::Entry entry;
    entry.request = {.id = id,
                     .user_id = user,
                     .principal = "user " + std::to_string(user),
                     .dialect = "deepaas-v2",
                     .model = id % 3 == 0 ? "a" : "b",
                     .version = "1",
                     .method = "predict_data",
                     .input_json = R"({"args":{"text":"=1+1, \"two\""}})"};
    entry.response = {.request_id = id, .status = id % 4 == 0 ? "timeout" : "ok", .output_json = "[1]", .total_us = 9};
    EXPECT_TRUE(test::AccountHouse::wait<void>(
        [&](auto done) { records_->keep(std::move(entry), records::Mode::durable, done); }));
  }
  // The ids of a page, from kFirst on.
  std::vector<std::int64_t> ids(const std::string& query, const test::Somebody& who) {
    const auto answer = call("GET", "/v2/berth/records" + query, who);
    EXPECT_EQ(answer.status, 200) << answer.body.view();
    const auto page = json::parse(answer.body.view());
    std::vector<std::int64_t> found;
    for (const auto& record : (*page)["records"].GetArray()) found.push_back(record["id"].GetInt64() - kFirst);
    return found;
  }

  test::Somebody ada_{.name = "ada"}, eve_{.name = "eve"}, viewer_{.name = "vic"}, root_{.name = "root"};
  std::int64_t ada_id_ = 0;
};

TEST_F(AdminRecords, AreShownToViewersAndAdminsAndTheirOwnToUsers) {
  EXPECT_THAT(ids("", root_), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(ids("", viewer_), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(ids("", ada_), ElementsAre(4, 2, 0));
  EXPECT_THAT(ids("", eve_), ElementsAre(5, 3, 1));
  EXPECT_EQ(call("GET", "/v2/berth/records", {.name = "nobody"}).status, 401);
}

TEST_F(AdminRecords, OfOneUserAreNeverShownToAnother) {
  const auto of_ada = "?user=" + std::to_string(ada_id_);
  EXPECT_EQ(call("GET", "/v2/berth/records" + of_ada, eve_).status, 403);
  EXPECT_THAT(ids(of_ada, ada_), ElementsAre(4, 2, 0));
  const auto one = "/v2/berth/records/" + std::to_string(kFirst);
  EXPECT_EQ(call("GET", one, ada_).status, 200);
  EXPECT_EQ(call("GET", one, viewer_).status, 200);
  const auto others = call("GET", one, eve_), none = call("GET", "/v2/berth/records/17", eve_);
  EXPECT_EQ(others.status, 404);
  EXPECT_EQ(json::text_at(*json::parse(others.body.view()), "message"),
            json::text_at(*json::parse(none.body.view()), "message"))
      << "it does not tell that there is one";
}

TEST_F(AdminRecords, OfAKeyForSomeModelsAreItsUsersOwn) {
  const auto narrowed = key_of("nat", test::Role::admin, {}, test::Rights::on_all({test::Right::predict}));
  EXPECT_THAT(ids("", {.name = "nat", .key = narrowed}), IsEmpty());
}

TEST_F(AdminRecords, ComePageByPage) {
  const auto first = call("GET", "/v2/berth/records?count=3&model=b", root_);
  const auto page = *json::parse(first.body.view());
  ASSERT_EQ(page["records"].Size(), 3U);
  const std::string next = page["next"].GetString();
  EXPECT_EQ(next, std::to_string(page["records"][2]["id"].GetInt64()));
  EXPECT_EQ(first.headers.back(),
            (http::Pairs::value_type{"Link", "<?until=" + next + "&count=3&model=b>; rel=\"next\""}));
  const auto last = call("GET", "/v2/berth/records?count=3&model=b&until=" + next, root_);
  EXPECT_THAT(std::string(last.body.view()), HasSubstr(R"("next":null)"));
}

TEST_F(AdminRecords, AreFoundByTimeModelAndStatus) {
  EXPECT_THAT(ids("?status=error", root_), ElementsAre(4, 0));
  EXPECT_THAT(ids("?status=ok&model=a", root_), ElementsAre(5, 2));
  EXPECT_THAT(ids("?until=2026-11-18T11:06:40Z", root_), IsEmpty());
  EXPECT_EQ(ids("?from=2026-11-18T11:06:40Z", root_).size(), 6U);
  EXPECT_EQ(ids("?from=2026-11-18T11:06:40.5Z", root_).size(), 6U);
}

TEST_F(AdminRecords, SayWhatIsWrongWithAQuery) {
  const std::pair<const char*, const char*> wrong[] = {{"from=yesterday", "from: expected an id, or a time"},
                                                       {"count=0", "count: expected an integer from 1 to 1000"},
                                                       {"count=1001", "1 to 1000"},
                                                       {"user=ada", "user: expected an integer"},
                                                       {"format=xml", "format: expected json, jsonl or csv"},
                                                       {"usr=1", "usr: expected from, until"}};
  for (const auto& [query, message] : wrong) {
    const auto answer = call("GET", std::string("/v2/berth/records?") + query, root_);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(std::string(answer.body.view()), HasSubstr(message));
  }
}

TEST_F(AdminRecords, ComeAsLinesAndAsTables) {
  const auto lines = call("GET", "/v2/berth/records?format=jsonl&count=2", root_);
  EXPECT_EQ(std::ranges::count(lines.body.view(), '\n'), 2);
  EXPECT_TRUE(json::parse(lines.body.view().substr(0, lines.body.view().find('\n'))));
  const auto table = call("GET", "/v2/berth/records?format=csv&until=1795000000000001", root_);
  EXPECT_EQ(table.body.view(),
            "id,time,user_id,principal,dialect,model,version,method,deployment,source,tags,input,kept_files,status,"
            "output,queue_us,compute_us,total_us\r\n"
            "1795000000000000,2026-11-18T11:06:40.000000Z," +
                std::to_string(ada_id_) + ",\"user " + std::to_string(ada_id_) +
                "\",\"deepaas-v2\",\"b\",\"1\",\"predict_data\",,,\"[]\","
                "\"{\"\"args\"\":{\"\"text\"\":\"\"=1+1, \\\"\"two\\\"\"\"\"}}\",0,\"timeout\",\"[1]\",0,0,9\r\n");
}

TEST_F(AdminRecords, AreNoFormulas) {
  store::Record record;
  record.request.source = "=HYPERLINK(1)";
  EXPECT_THAT(to_text({record}, RecordFormat::csv, ""), HasSubstr(",\"'=HYPERLINK(1)\","));
}

TEST_F(AdminRecords, OfAUserAreRemovedByAdmins) {
  const auto path = "/v2/berth/users/" + std::to_string(ada_id_) + "/records";
  EXPECT_EQ(call("DELETE", path, ada_).status, 403);
  EXPECT_EQ(call("DELETE", path, viewer_).status, 403);
  const auto removed = call("DELETE", path, root_);
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.body.view(), R"({"removed":3})");
  EXPECT_THAT(ids("", root_), ElementsAre(5, 3, 1));
  key_of("later", test::Role::user);  // is written after what the log has of it
  const auto audit = call("GET", "/v2/berth/audit", root_);
  EXPECT_THAT(std::string(audit.body.view()), HasSubstr("records.remove"));
}

TEST_F(AdminRecords, TellAdminsAloneWhyTheyCannotBeRead) {
  ASSERT_TRUE(house_.database_->write([](soci::session& sql) -> Result<> {
    sql << "ALTER TABLE requests RENAME TO gone";
    return {};
  }));
  for (const auto& path : {std::string("/v2/berth/records"), "/v2/berth/records/" + std::to_string(kFirst)}) {
    for (const auto& who : {ada_, viewer_}) {
      const auto answer = call("GET", path, who);
      EXPECT_EQ(answer.status, 500);
      EXPECT_EQ(json::view(body_of(answer)["message"]), "Internal Server Error");
    }
    EXPECT_THAT(std::string(call("GET", path, root_).body.view()), HasSubstr("requests"));
  }
}

}  // namespace
}  // namespace berth::dialects
