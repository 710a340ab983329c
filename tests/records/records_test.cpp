// SPDX-License-Identifier: Apache-2.0
#include "records/records.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "records/kept_records.h"

namespace berth::records {
namespace {

// A write that keeps all others waiting until it is ended.
class Writing {
 public:
  explicit Writing(store::Database& database) {
    database.write(
        [this](soci::session&) -> Result<> {
          begun_.set_value();
          go_on_.get_future().wait();
          return {};
        },
        [](const Result<>&) {});
    begun_.get_future().wait();
  }
  void end() { go_on_.set_value(); }

 private:
  std::promise<void> begun_, go_on_;
};

using RecordsTest = KeptRecords;
INSTANTIATE_TEST_SUITE_P(On, RecordsTest, store::both_kinds(), store::name_of_kind);

TEST_P(RecordsTest, DurableOnesAreThereWhenTheyAreTold) {
  const auto id = records_->new_id();
  ASSERT_TRUE(keep({.request = request(id)}));
  ASSERT_EQ(all().size(), 1U);
  EXPECT_FALSE(all()[0].response);
  ASSERT_TRUE(keep({.response = response(id)}));
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all()[0].request.id, id);
  ASSERT_TRUE(all()[0].response);
  EXPECT_EQ(all()[0].response->output_json, "1");
}

TEST_P(RecordsTest, BothAreKeptAtOnceWhereBothAreKnown) {
  const auto id = records_->new_id();
  ASSERT_TRUE(keep({.request = request(id), .response = response(id)}));
  ASSERT_EQ(all().size(), 1U);
  EXPECT_TRUE(all()[0].response);
}

TEST_P(RecordsTest, AsyncOnesAreThereSoonAndAtTheLatestAtTheEnd) {
  for (int i = 0; i < 100; ++i) {
    const auto id = records_->new_id();
    ASSERT_TRUE(keep({.request = request(id)}, Mode::async));
    ASSERT_TRUE(keep({.response = response(id)}, Mode::async));
  }
  make({});
  ASSERT_EQ(all().size(), 100U);
  for (const auto& record : all()) EXPECT_TRUE(record.response);
}

TEST_P(RecordsTest, OfManyThreadsAreAllKept) {
  constexpr std::size_t kThreads = 8, kEach = 200;
  std::atomic<std::size_t> told = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < kEach; ++i) {
          const auto id = records_->new_id();
          const auto kept = keep({.request = request(id), .response = response(id)});
          told += kept ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(told, kThreads * kEach);
  EXPECT_EQ(all({.count = 10'000}).size(), kThreads * kEach);
}

TEST_P(RecordsTest, HaveIdsThatGrowAndAreNeverGivenTwice) {
  std::vector<std::vector<std::int64_t>> given(4);
  {
    std::vector<std::jthread> threads;
    for (auto& ids : given) {
      threads.emplace_back([this, &ids] {
        for (int i = 0; i < 10'000; ++i) ids.push_back(records_->new_id());
      });
    }
  }
  std::set<std::int64_t> all;
  for (const auto& ids : given) {
    EXPECT_TRUE(std::ranges::is_sorted(ids));
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 40'000U);
  EXPECT_LT(*all.rbegin(), std::int64_t{1} << 53) << "JavaScript's numbers hold them";
}

TEST_P(RecordsTest, ThatTheDatabaseDoesNotTakeFailAlone) {
  const auto taken = records_->new_id();
  ASSERT_TRUE(keep({.request = request(taken)}));
  // They wait while the database is busy, and go as one.
  Writing writing(*database_);
  std::vector<std::promise<Result<>>> told(4);
  for (auto& each : told) {
    const bool again = &each == &told[2];
    records_->keep({.request = request(again ? taken : records_->new_id())}, Mode::durable,
                   [&each](Result<> result) { each.set_value(std::move(result)); });
  }
  writing.end();
  for (auto& each : told) {
    const auto result = each.get_future().get();
    EXPECT_EQ(bool(result), &each != &told[2]);
    if (!result) {
      EXPECT_EQ(result.error().code, Code::conflict);
    }
  }
  EXPECT_EQ(all().size(), 4U);
}

TEST_P(RecordsTest, AreRefusedBeyondTheBound) {
  make({.max_waiting = 2});
  Writing writing(*database_);
  std::vector<std::promise<Result<>>> told(3);
  for (auto& each : told) {
    records_->keep({.request = request(records_->new_id())}, Mode::durable,
                   [&each](Result<> result) { each.set_value(std::move(result)); });
  }
  const auto refused = told[2].get_future().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::busy);
  EXPECT_TRUE(refused.error().retry_after);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(keep({.request = request(records_->new_id())}, Mode::async));
  EXPECT_EQ(records_->lost(), 0U);
  ASSERT_TRUE(keep({.request = request(records_->new_id())}, Mode::async)) << "async ones never fail";
  EXPECT_EQ(records_->lost(), 1U);
  writing.end();
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(told[i].get_future().get());
}

TEST_P(RecordsTest, AreToldOnTheLoopThatAsked) {
  auto one = std::move(*Loop::create()), two = std::move(*Loop::create());
  std::jthread first([&] { one->run(); }), second([&] { two->run(); });
  make({.loops = {one.get(), two.get()}});
  for (int i = 0; i < 4; ++i) {
    std::promise<bool> there;
    two->post([&] {
      records_->keep({.request = request(records_->new_id())}, Mode::durable,
                     [&](const Result<>&) { there.set_value(two->in_loop_thread()); });
    });
    EXPECT_TRUE(there.get_future().get());
  }
  std::promise<bool> somewhere;
  records_->keep({.request = request(records_->new_id())}, Mode::durable,
                 [&](const Result<>&) { somewhere.set_value(one->in_loop_thread() || two->in_loop_thread()); });
  EXPECT_TRUE(somewhere.get_future().get());
  records_.reset();
  one->stop();
  two->stop();
}

}  // namespace
}  // namespace berth::records
