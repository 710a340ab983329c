// SPDX-License-Identifier: Apache-2.0
// Records while their database is away.
#include <gtest/gtest.h>

#include <thread>

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

}  // namespace
}  // namespace berth::records
