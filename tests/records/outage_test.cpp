// SPDX-License-Identifier: Apache-2.0
// Records while their database is away.
#include <gtest/gtest.h>
#include <soci/soci.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "records/kept_records.h"
#include "support/postgres_server.h"

namespace berth::records {
namespace {

class RecordsOutage : public testing::Test {
 protected:
  void SetUp() override {
    if (test::PostgresServer::programs().empty()) GTEST_SKIP() << "PostgreSQL is not installed";
    server_ = std::make_unique<test::PostgresServer>();
    database_ =
        std::move(*store::Database::open({.url = server_->make_database(), .retry = std::chrono::milliseconds(20)}));
    records_ = std::make_unique<Records>(*database_, Options{.sweep_every = std::chrono::milliseconds(10)});
  }
  Result<> keep(Mode mode) {
    const auto id = records_->new_id();
    return answer_to(
        [&](auto done) { records_->keep({.request = request(id), .response = response(id)}, mode, done); });
  }
  Result<> keep(Entry entry) {
    return answer_to([&](auto done) { records_->keep(std::move(entry), Mode::durable, done); });
  }
  void die_and_come_back() {
    server_->stop();
    server_->start();
    while (!database_->write([](soci::session&) -> Result<> { return {}; })) std::this_thread::yield();
  }
  // What it holds of that id.
  std::optional<store::Record> find(std::int64_t id) {
    const auto found = answer_to<std::optional<store::Record>>([&](auto done) { records_->find(id, std::move(done)); });
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::nullopt;
  }
  std::size_t count() {
    const auto found = answer_to<store::RecordPage>([&](auto done) { records_->find({}, done); });
    return found ? found->records.size() : 0;
  }

  std::unique_ptr<test::PostgresServer> server_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Records> records_;
};

TEST_F(RecordsOutage, RefusesDurableOnesAndKeepsTheOthersUntilItIsBack) {
  ASSERT_TRUE(keep(Mode::durable));
  server_->stop();
  const auto refused = keep(Mode::durable);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(keep(Mode::async));
  server_->start();
  while (count() < 4) std::this_thread::yield();
  EXPECT_EQ(count(), 4U);
  EXPECT_EQ(records_->lost(), 0U);
  EXPECT_TRUE(keep(Mode::durable));
}

TEST_F(RecordsOutage, DoesNotHoldUpTheEnd) {
  server_->stop();
  ASSERT_FALSE(keep(Mode::durable));
  ASSERT_TRUE(keep(Mode::async));
  records_.reset();  // does not wait for a database that does not come back
}

// It was committed, and lost before it was on disk; that its response is on disk must not be told then.
TEST_F(RecordsOutage, RefusesTheResponseToARequestThatWasLost) {
  const auto lost = records_->new_id(), other = records_->new_id();
  ASSERT_TRUE(keep({.request = request(lost)}));
  ASSERT_TRUE(keep({.request = request(other)}));
  die_and_come_back();
  ASSERT_TRUE(database_->write([lost, other](soci::session& sql) -> Result<> {
    sql << "DELETE FROM requests WHERE id = :id", soci::use(lost);  // be it gone or not
    if (!store::has_request(sql, other)) {
      const auto row = request(other);
      store::insert(sql, std::vector<const store::RequestRow*>{&row});
    }
    return {};
  }));
  const auto refused = keep({.response = response(lost)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_TRUE(keep({.response = response(other)})) << "its request was on disk";
  EXPECT_TRUE(find(other)->response);
  EXPECT_TRUE(keep(Mode::durable));
}

TEST_F(RecordsOutage, LosesNothingThatWasToldToBeDurable) {
  std::atomic<bool> is_back = false;
  std::atomic<std::size_t> before = 0;
  std::mutex mutex;
  std::vector<std::int64_t> told;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      for (bool last = false; !last;) {
        last = is_back;
        const auto id = records_->new_id();
        if (!keep({.request = request(id)}) || !keep({.response = response(id)})) {
          std::this_thread::yield();
          continue;
        }
        const std::lock_guard lock(mutex);
        told.push_back(id);
        ++before;
      }
    });
  }
  for (std::size_t round = 0; round < 2; ++round) {
    for (const auto now = before.load(); before < now + 100;) std::this_thread::yield();
    die_and_come_back();
  }
  is_back = true;
  callers.clear();
  for (const auto id : told) {
    const auto found = find(id);
    ASSERT_TRUE(found) << id << " is lost";
    EXPECT_TRUE(found->response) << id;
  }
}

}  // namespace
}  // namespace berth::records
