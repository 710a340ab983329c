// SPDX-License-Identifier: Apache-2.0
#include "store/records.h"

#include <gmock/gmock.h>
#include <soci/soci.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "store/both_databases.h"

namespace berth::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kFirst = 1'795'000'000'000'000;  // 2026-11-18

class Records : public BothDatabases {
 protected:
  void with(const std::function<void(soci::session&)>& act) {
    const auto done = database_->write([&](soci::session& sql) -> Result<> {
      act(sql);
      return {};
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  // Requests of users 1, 2, 1, 2, …, to models a, a, b, b, a, …; every fourth failed.
  void fill(std::size_t count) {
    std::vector<RequestRow> requests;
    std::vector<ResponseRow> responses;
    for (std::size_t i = 0; i < count; ++i) {
      const auto id = kFirst + static_cast<std::int64_t>(i);
      requests.push_back({.id = id,
                          .user_id = static_cast<std::int64_t>(i % 2 + 1),
                          .principal = "user",
                          .dialect = "deepaas",
                          .model = i % 4 < 2 ? "a" : "b",
                          .version = "1",
                          .method = "predict_data",
                          .kept_files = static_cast<std::int64_t>(i % 3),
                          .bytes = 10});
      responses.push_back({.request_id = id,
                           .status = i % 4 == 3 ? "timeout" : "ok",
                           .output_json = "[1,2]",
                           .queue_us = 5,
                           .compute_us = 6,
                           .total_us = 7});
    }
    with([&](soci::session& sql) {
      insert(sql, pointers(requests));
      insert(sql, pointers(responses));
    });
  }
  template <typename Row>
  static std::vector<const Row*> pointers(const std::vector<Row>& rows) {
    std::vector<const Row*> all;
    for (const auto& row : rows) all.push_back(&row);
    return all;
  }
  std::vector<std::int64_t> found(const RecordQuery& query) {
    std::vector<std::int64_t> ids;
    with([&](soci::session& sql) {
      for (const auto& record : find(sql, query).records) ids.push_back(record.request.id - kFirst);
    });
    return ids;
  }
  RecordTotals now() {
    RecordTotals now;
    with([&](soci::session& sql) { now = totals(sql); });
    return now;
  }
};
INSTANTIATE_TEST_SUITE_P(On, Records, both_kinds(), name_of_kind);

TEST_P(Records, WalkNoFurtherThanTheyMay) {
  fill(40);
  const auto all_pages = [this](RecordQuery query) {
    std::vector<std::int64_t> ids;
    std::size_t pages = 0;
    query.max_walked = 5;
    for (std::optional<std::int64_t> next = 0; next; ++pages) {
      query.until = *next;
      with([&](soci::session& sql) {
        const auto page = find(sql, query);
        for (const auto& record : page.records) ids.push_back(record.request.id - kFirst);
        next = page.next;
      });
    }
    EXPECT_TRUE(std::ranges::is_sorted(ids, std::greater<>()));
    return std::pair(ids.size(), pages);
  };
  EXPECT_EQ(all_pages({}), std::pair(std::size_t{40}, std::size_t{1})) << "nothing is passed over";
  EXPECT_EQ(all_pages({.user_id = 1}), std::pair(std::size_t{20}, std::size_t{1}));
  EXPECT_EQ(all_pages({.user_id = 1, .status = "error"}), std::pair(std::size_t{0}, std::size_t{3}));
  EXPECT_EQ(all_pages({.user_id = 2, .status = "timeout"}), std::pair(std::size_t{10}, std::size_t{3}));
  EXPECT_EQ(all_pages({.user_id = 1, .model = "a"}), std::pair(std::size_t{10}, std::size_t{5}));
  EXPECT_EQ(all_pages({.model = "b", .status = "ok"}), std::pair(std::size_t{10}, std::size_t{5}));
}

TEST_P(Records, AreReadAsTheyWereWritten) {
  const RequestRow request{.id = kFirst,
                           .user_id = 3,
                           .principal = "key 7",
                           .dialect = "tabular",
                           .model = "heart",
                           .version = "2",
                           .method = "predict_data",
                           .deployment = "ward",
                           .source = "camera 'é'",
                           .tags_json = R"(["x","y"])",
                           .input_json = R"({"age":"\u00e9 :name #"})",
                           .kept_files = 2,
                           .bytes = 99};
  with([&](soci::session& sql) { insert(sql, pointers<RequestRow>({request})); });
  with([&](soci::session& sql) {
    const auto open = record(sql, kFirst);
    ASSERT_TRUE(open);
    EXPECT_FALSE(open->response) << "it has not been answered";
    const ResponseRow response{.request_id = kFirst, .status = "ok", .output_json = "{\"p\":0.5}", .total_us = 12};
    insert(sql, pointers<ResponseRow>({response}));
    const auto answered = record(sql, kFirst);
    const auto& back = answered->request;
    EXPECT_EQ(back.user_id, 3);
    EXPECT_EQ(back.principal, "key 7");
    EXPECT_EQ(back.dialect, "tabular");
    EXPECT_EQ(back.model, "heart");
    EXPECT_EQ(back.version, "2");
    EXPECT_EQ(back.method, "predict_data");
    EXPECT_EQ(back.deployment, "ward");
    EXPECT_EQ(back.source, "camera 'é'");
    EXPECT_EQ(back.tags_json, R"(["x","y"])");
    EXPECT_EQ(back.input_json, R"({"age":"\u00e9 :name #"})");
    EXPECT_EQ(back.kept_files, 2);
    EXPECT_EQ(back.bytes, 99);
    ASSERT_TRUE(answered->response);
    EXPECT_EQ(answered->response->status, "ok");
    EXPECT_EQ(answered->response->output_json, "{\"p\":0.5}");
    EXPECT_EQ(answered->response->total_us, 12);
    EXPECT_FALSE(record(sql, kFirst + 1));
  });
}

TEST_P(Records, HaveTheTablesThatTheContractNames) {
  fill(1);
  with([](soci::session& sql) {
    std::string request, response;
    sql << "SELECT CAST(id AS TEXT) || ' ' || CAST(user_id AS TEXT) || ' ' || CAST(input AS TEXT) || ' '"
           " || CAST(created_datetime AS TEXT) || CAST(updated_datetime AS TEXT) FROM requests",
        soci::into(request);
    EXPECT_THAT(request, testing::StartsWith("1795000000000000 1 {} 2026-11-18"));
    sql << "SELECT CAST(id AS TEXT) || ' ' || CAST(request_id AS TEXT) || ' ' || CAST(output AS TEXT) || ' '"
           " || CAST(created_datetime AS TEXT) || CAST(updated_datetime AS TEXT) FROM responses",
        soci::into(response);
    EXPECT_THAT(response, testing::StartsWith("1795000000000000 1795000000000000 [1,2] 2026-11-18"));
  });
}

TEST_P(Records, AreFoundNewestFirstPageByPage) {
  fill(7);
  EXPECT_THAT(found({.count = 3}), ElementsAre(6, 5, 4));
  EXPECT_THAT(found({.until = kFirst + 4, .count = 3}), ElementsAre(3, 2, 1));
  EXPECT_THAT(found({.until = kFirst + 1, .count = 3}), ElementsAre(0));
  EXPECT_THAT(found({.from = kFirst + 2, .until = kFirst + 4}), ElementsAre(3, 2));
}

TEST_P(Records, AreFoundByUserModelAndStatus) {
  fill(8);
  EXPECT_THAT(found({.user_id = 1}), ElementsAre(6, 4, 2, 0));
  EXPECT_THAT(found({.model = "b"}), ElementsAre(7, 6, 3, 2));
  EXPECT_THAT(found({.status = "timeout"}), ElementsAre(7, 3));
  EXPECT_THAT(found({.status = "error"}), ElementsAre(7, 3));
  EXPECT_THAT(found({.status = "busy"}), IsEmpty());
  EXPECT_THAT(found({.status = "ok", .count = 2}), ElementsAre(6, 5));
  EXPECT_THAT(found({.until = kFirst + 7, .user_id = 2, .model = "b", .status = "timeout"}), ElementsAre(3));
  EXPECT_THAT(found({.user_id = 1, .status = "ok", .count = 1}), ElementsAre(6));
}

TEST_P(Records, GoInAnyNumber) {
  fill(1234);
  EXPECT_EQ(found({.count = 5000}).size(), 1234U);
  EXPECT_EQ(now().requests, 1234);
  EXPECT_EQ(now().bytes, 1234 * 15);
}

TEST_P(Records, ThatCannotBeWrittenAreUndoneAlone) {
  fill(1);
  const RequestRow again{.id = kFirst}, other{.id = kFirst + 1};
  with([&](soci::session& sql) {
    const auto add = [&sql](const RequestRow& row) {
      return try_alone(sql, [&] { insert(sql, std::vector<const RequestRow*>{&row}); });
    };
    EXPECT_EQ(add(again).error().code, Code::conflict);
    EXPECT_TRUE(add(other));
  });
  EXPECT_THAT(found({}), ElementsAre(1, 0));
  EXPECT_EQ(now().requests, 2);
}

TEST_P(Records, AreRemovedOldestFirst) {
  fill(10);
  std::vector<Removed> gone;
  with([&](soci::session& sql) { gone = remove_records(sql, {.before = kFirst + 6, .count = 4}); });
  ASSERT_EQ(gone.size(), 4U);
  EXPECT_EQ(gone[2].id, kFirst + 2);
  EXPECT_EQ(gone[2].kept_files, 2);
  EXPECT_THAT(found({}), ElementsAre(9, 8, 7, 6, 5, 4));
  with([&](soci::session& sql) { gone = remove_records(sql, {.before = kFirst + 6, .count = 4}); });
  EXPECT_EQ(gone.size(), 2U);
  EXPECT_EQ(now().requests, 4);
  EXPECT_EQ(now().bytes, 4 * 15);
  with([](soci::session& sql) {
    int responses = 0;
    sql << "SELECT COUNT(*) FROM responses", soci::into(responses);
    EXPECT_EQ(responses, 4);
  });
}

TEST_P(Records, OfOneUserAreRemovedAlone) {
  fill(10);
  with([](soci::session& sql) { EXPECT_EQ(remove_records(sql, {.user_id = 2}).size(), 5U); });
  EXPECT_THAT(found({}), ElementsAre(8, 6, 4, 2, 0));
  with([](soci::session& sql) { EXPECT_THAT(remove_records(sql, {.user_id = 2}), IsEmpty()); });
  EXPECT_EQ(now().requests, 5);
}

TEST_P(Records, AreRemovedUntilEnoughIsFree) {
  fill(10);
  with([](soci::session& sql) { EXPECT_EQ(remove_records(sql, {.bytes = 31}).size(), 3U); });
  EXPECT_EQ(now().bytes, 7 * 15);
}

}  // namespace
}  // namespace berth::store
