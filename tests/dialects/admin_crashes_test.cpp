// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_crashes.h"

#include <gmock/gmock.h>

#include "dialects/fixture.h"
#include "support/temp_folder.h"

namespace berth::test {
namespace {

class AdminCrashes : public DialectTest {
 protected:
  void SetUp() override {
    auto store = *hosting::CrashStore::open(folder_ / "crashes", {});
    for (const auto* id : {"20261122T041500-ab12cd34", "20261122T041501-ab12cd34"}) {
      hosting::CrashReport report;
      report.id = id;
      report.model = "digits";
      report.summary = "SIGSEGV";
      ASSERT_TRUE(store->save(report));
    }
    auto crashes = hosting::CrashReporter::create({.folder = folder_ / "crashes", .limits = {}, .symbolizer = {}});
    ASSERT_TRUE(crashes) << crashes.error().message;
    router_ = std::make_unique<http::Router>("", guard_that_takes_all_for(caller_));
    dialects::add_admin_crashes(*router_, std::move(*crashes));
  }
  http::Response get(const std::string& path) {
    http::Request request;
    request.method = "GET";
    request.target = request.path = path;
    return ask(std::move(request));
  }
  TempFolder folder_;
};

TEST_F(AdminCrashes, AreListedNewestFirst) {
  const auto answer = get("/v2/berth/crashes");
  EXPECT_EQ(answer.status, 200);
  const auto list = body_of(answer);
  ASSERT_EQ(list.Size(), 2U);
  EXPECT_EQ(list[0]["id"], "20261122T041501-ab12cd34");
  EXPECT_EQ(list[0]["model"], "digits");
  EXPECT_EQ(list[0]["summary"], "SIGSEGV");
}

TEST_F(AdminCrashes, AreGivenByNameAndNothingElseIs) {
  const auto answer = get("/v2/berth/crashes/20261122T041500-ab12cd34");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(body_of(answer)["summary"], "SIGSEGV");
  for (const auto* id : {"20261122T041500-00000000", "x", "..%2Fcrashes"}) {
    EXPECT_EQ(get(std::string("/v2/berth/crashes/") + id).status, 404) << id;
  }
}

}  // namespace
}  // namespace berth::test
