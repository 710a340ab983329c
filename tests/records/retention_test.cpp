// SPDX-License-Identifier: Apache-2.0
// What goes in time: records that are too old, and those that are too many.
#include <gmock/gmock.h>
#include <soci/soci.h>

#include <filesystem>
#include <thread>

#include "records/kept_records.h"

namespace berth::records {
namespace {

using std::chrono::milliseconds;

class Retention : public KeptRecords {
 protected:
  void keep_at(std::int64_t id) { ASSERT_TRUE(keep({.request = request(id), .response = response(id)})); }
  // The sweeps are a few milliseconds apart; a test that never sees this ends by its time.
  void wait_for(std::size_t left) {
    while (all({.count = 10'000}).size() != left) std::this_thread::yield();
  }
};
INSTANTIATE_TEST_SUITE_P(On, Retention, store::both_kinds(), store::name_of_kind);

TEST_P(Retention, RemovesWhatIsTooOld) {
  const auto now = records_->new_id();
  constexpr std::int64_t kHour = 3'600'000'000;
  for (int i = 0; i < 5; ++i) keep_at(now - 3 * kHour + i);
  keep_at(now - kHour);
  make({.max_age = std::chrono::hours(2), .sweep_every = milliseconds(5)});
  wait_for(1);
  EXPECT_EQ(all()[0].request.id, now - kHour);
}

TEST_P(Retention, RemovesTheOldestOfTooMany) {
  const auto now = records_->new_id();
  for (int i = 0; i < 1500; ++i) {
    records_->keep({.request = request(now + i), .response = response(now + i)}, Mode::async, [](const Result<>&) {});
  }
  make({.max_bytes = 101 * 10, .sweep_every = milliseconds(5)});
  wait_for(10);
  EXPECT_EQ(all()[9].request.id, now + 1490);
  const auto totals = answer_to<store::RecordTotals>([&](auto done) { records_->totals(done); });
  EXPECT_EQ(totals->requests, 10);
  EXPECT_EQ(totals->bytes, 1010);
}

TEST_P(Retention, KeepsEverythingWhereNothingIsSaid) {
  keep_at(1);
  make({.sweep_every = milliseconds(1)});
  // Sweeps and this share a thread, so that one has been when this is told.
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(answer_to<std::int64_t>([&](auto done) { records_->remove_of_user(99, done); }));
  }
  EXPECT_EQ(all().size(), 1U);
}

TEST_P(Retention, OfAUserTakesWhatWaitsAndWhatComesLate) {
  make({.sweep_every = milliseconds(5)});
  const auto id = records_->new_id();
  records_->keep({.request = request(id, 7)}, Mode::async, [](const Result<>&) {});
  EXPECT_EQ(answer_to<std::int64_t>([&](auto done) { records_->remove_of_user(7, done); }).value_or(0), 1);
  ASSERT_TRUE(keep({.response = response(id)})) << "it was at work meanwhile";
  std::int64_t bytes = 1;
  while (bytes != 0) bytes = answer_to<store::RecordTotals>([&](auto done) { records_->totals(done); })->bytes;
  EXPECT_TRUE(all().empty());
}

TEST_P(Retention, OfAUserTakesFilesThatWaitToBeKept) {
  const test::TempFolder folder;
  make({.media_folder = folder / "media"});
  const Bytes file(std::string(100'000, 'x'));
  for (int i = 0; i < 20; ++i) {
    records_->keep({.request = request(records_->new_id(), 7), .files = {file, file}}, Mode::async,
                   [](const Result<>&) {});
  }
  EXPECT_EQ(answer_to<std::int64_t>([&](auto done) { records_->remove_of_user(7, done); }).value_or(0), 20);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "media")) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, 0U);
}

TEST_P(Retention, OfAUserWaitsForWhatIsOnItsWay) {
  records_->set_upstream(
      [this] { records_->keep({.request = request(records_->new_id(), 7)}, Mode::async, [](const Result<>&) {}); });
  EXPECT_EQ(answer_to<std::int64_t>([&](auto done) { records_->remove_of_user(7, done); }).value_or(0), 1);
}

TEST_P(Retention, GivesTheSpaceBack) {
  if (GetParam() != store::DatabaseKind::sqlite) GTEST_SKIP() << "PostgreSQL sees to it itself";
  const auto now = records_->new_id();
  for (int i = 0; i < 500; ++i) {
    auto large = request(now + i, 1);
    large.input_json = '"' + std::string(10'000, 'x') + '"';
    records_->keep({.request = large}, Mode::async, [](const Result<>&) {});
  }
  make({});
  const auto pages = [this] {
    int count = 0;
    EXPECT_TRUE(database_->write([&](soci::session& sql) -> Result<> {
      sql << "PRAGMA page_count", soci::into(count);
      return {};
    }));
    return count;
  };
  const auto before = pages();
  ASSERT_GT(before, 1000);
  EXPECT_EQ(answer_to<std::int64_t>([&](auto done) { records_->remove_of_user(1, done); }).value_or(0), 500);
  EXPECT_LT(pages(), before / 4);
}

}  // namespace
}  // namespace berth::records
