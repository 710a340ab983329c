// SPDX-License-Identifier: Apache-2.0
#include "hosting/crash_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "support/temp_folder.h"

namespace berth::hosting {
namespace {

using testing::HasSubstr;

CrashReport report_of(const std::string& id, std::size_t bytes = 0) {
  CrashReport report;
  report.id = id;
  report.model = "m";
  report.summary = "it died";
  report.log = std::vector<std::string>(bytes / 1000, std::string(1000, 'x'));
  return report;
}

std::string id_of(int second) { return "20261122T0415" + std::to_string(10 + second) + "-ab12cd34"; }

std::vector<std::string> ids(const CrashStore& store) {
  std::vector<std::string> result;
  for (const auto& entry : store.list()) result.push_back(entry.id);
  return result;
}

TEST(CrashStore, KeepsTheNewestSoManyAndListsThemFirst) {
  test::TempFolder folder;
  auto store = *CrashStore::open(folder / "crashes", {.max_reports = 3});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store->save(report_of(id_of(i))));
  EXPECT_EQ(ids(*store), (std::vector{id_of(4), id_of(3), id_of(2)}));
  EXPECT_FALSE(std::filesystem::exists(folder / "crashes" / (id_of(0) + ".json")));
  EXPECT_FALSE(store->get(id_of(0)));
  EXPECT_THAT(*store->get(id_of(4)), HasSubstr("it died"));
}

TEST(CrashStore, StaysWithinItsBytesButKeepsTheNewest) {
  test::TempFolder folder;
  auto store = *CrashStore::open(folder / "crashes", {.max_bytes = 100'000});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store->save(report_of(id_of(i), 40'000)));
  EXPECT_EQ(ids(*store).size(), 2U);
  ASSERT_TRUE(store->save(report_of(id_of(6), 300'000)));
  EXPECT_EQ(ids(*store), std::vector{id_of(6)});
}

TEST(CrashStore, FindsAtItsNextStartWhatItKept) {
  test::TempFolder folder;
  {
    auto store = *CrashStore::open(folder / "crashes", {});
    ASSERT_TRUE(store->save(report_of(id_of(1))));
    Call call;
    call.args_json = "{}";
    ASSERT_TRUE(store->save_input(id_of(1), 0, call));
  }
  std::ofstream(folder / "crashes" / (id_of(2) + ".json")) << "{ half a rep";
  std::ofstream(folder / "crashes" / (id_of(2) + ".json.new")) << "{ half";
  std::ofstream(folder / "crashes" / "notes.json") << "{}";
  auto store = *CrashStore::open(folder / "crashes", {.max_reports = 1});
  EXPECT_EQ(ids(*store), std::vector{id_of(1)});
  EXPECT_THAT(*store->get(id_of(1)), HasSubstr("0-args.json"));
  for (const auto* left : {".json", ".json.new"}) {
    EXPECT_FALSE(std::filesystem::exists(folder / "crashes" / (id_of(2) + left))) << "of a server killed at its work";
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "crashes" / "notes.json"));
  ASSERT_TRUE(store->save(report_of(id_of(3))));
  EXPECT_FALSE(std::filesystem::exists(folder / "crashes" / (id_of(1) + ".input")));
}

TEST(CrashStore, SaysNotFoundOfAReportWhoseFileIsGone) {
  test::TempFolder folder;
  auto store = *CrashStore::open(folder / "crashes", {});
  ASSERT_TRUE(store->save(report_of(id_of(1))));
  std::filesystem::remove(folder / "crashes" / (id_of(1) + ".json"));
  const auto gone = store->get(id_of(1));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::not_found);
  EXPECT_EQ(gone.error().message, store->get(id_of(2)).error().message);
}

// Readers ask for what is being dropped: they get all of it, or hear that it is not there.
TEST(CrashStore, GivesAWholeReportOrNoneWhileItIsDropped) {
  test::TempFolder folder;
  auto store = *CrashStore::open(folder / "crashes", {.max_reports = 2});
  std::atomic<int> newest = 0;
  const std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const int last = newest;
      for (int second = std::max(0, last - 3); second <= last; ++second) {
        const auto got = store->get(id_of(second));
        if (got) {
          EXPECT_THAT(*got, HasSubstr(id_of(second)));
        } else {
          EXPECT_EQ(got.error().code, Code::not_found);
          EXPECT_EQ(got.error().message, "there is no crash report of that name");
        }
      }
      EXPECT_LE(store->list().size(), 3U);
    }
  });
  Call call;
  call.args_json = "{}";
  for (int round = 0; round < 5; ++round) {
    for (int second = 0; second < 49; ++second) {
      ASSERT_TRUE(store->save_input(id_of(second), 0, call));
      ASSERT_TRUE(store->save(report_of(id_of(second), 20'000)));
      newest = second;
    }
    for (const auto& id : ids(*store)) EXPECT_TRUE(store->get(id)) << id;
  }
}

TEST(CrashStore, GivesNoOtherFileThanAReport) {
  test::TempFolder folder;
  std::ofstream(folder / "secret.json") << "{}";
  auto store = *CrashStore::open(folder / "crashes", {});
  for (const auto* id : {"", "../secret", "20261122T041510-ab12cd3/", "20261122T041510-AB12CD34"}) {
    EXPECT_FALSE(store->get(id)) << id;
  }
}

TEST(CrashStore, IsForItsUserAlone) {
  test::TempFolder folder;
  auto store = *CrashStore::open(folder / "crashes", {});
  ASSERT_TRUE(store->save(report_of(id_of(1))));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder / "crashes").permissions(), perms(0700));
  EXPECT_EQ(std::filesystem::status(folder / "crashes" / (id_of(1) + ".json")).permissions(), perms(0600));
}

// What the plugin may have made of its record.
TEST(CrashReport, BelievesNothingOfTheRecord) {
  Death death;
  death.id = id_of(1);
  death.exit = {0, 11};
  death.last_words = "one\n\xff\xfe\n\nthree";
  death.record = std::make_unique<worker::CrashRecord>();
  std::memset(static_cast<void*>(death.record.get()), 0xff, sizeof(worker::CrashRecord));
  const auto nonsense = make_report(std::move(death));
  EXPECT_EQ(nonsense.stack.size(), worker::CrashRecord::kMaxFrames);
  EXPECT_EQ(nonsense.signal, "SIGSEGV");
  EXPECT_EQ(nonsense.log.size(), 3U);
  EXPECT_TRUE(json::parse(to_json(nonsense)));
}

TEST(CrashReport, ReadsNoMapsThatAreNone) {
  for (const std::string maps :
       {"-", "1-2", "1-2 r-xp", "1-2 r-xp 0", "1-f r-xp zz /x", "\n\n\n", "ffffffffffffffffffff-0 r-xp 0 /x",
        "1-ffffffffffffffff r-xp ffffffffffffffff 00:00 1 /x\n"}) {
    Death death;
    death.exit = {0, 11};
    death.record = std::make_unique<worker::CrashRecord>();
    auto& record = *death.record;
    record.state = worker::CrashRecord::complete;
    record.frame_count = 1;
    record.frames[0] = 7;
    std::memcpy(record.maps, maps.data(), maps.size());
    record.maps_size = maps.size();
    EXPECT_EQ(make_report(std::move(death)).stack.size(), 1U) << maps;
  }
}

}  // namespace
}  // namespace berth::hosting
