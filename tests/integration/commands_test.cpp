// SPDX-License-Identifier: Apache-2.0
// The commands with which an admin changes what a running server serves, and what callers are then given.
#include <gmock/gmock.h>

#include "fixtures.h"
#include "support/command.h"
#include "versions.h"

namespace berth::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Commands : public testing::Test {
 protected:
  Ended berth(const std::string& arguments) const {
    return run(("BERTH_API_KEY=" + server_.admin_key())
                   .append(" " BERTH_PROGRAM " ")
                   .append(arguments)
                   .append(" --url http://127.0.0.1:")
                   .append(std::to_string(server_.port()))
                   .append(" 2>&1"));
  }
  void do_well(const std::string& arguments, const std::string& says = "") const {
    const auto ended = berth(arguments);
    EXPECT_EQ(ended.code, 0) << arguments << ": " << ended.output;
    EXPECT_THAT(ended.output, HasSubstr(says)) << arguments;
  }
  void refuse(const std::string& arguments, const std::string& says) const {
    const auto ended = berth(arguments);
    EXPECT_EQ(ended.code, 1) << arguments << ": " << ended.output;
    EXPECT_THAT(ended.output, AllOf(HasSubstr("berth: "), HasSubstr(says))) << arguments;
  }
  // Whose answer a caller gets that names no version; "503" and the like where nobody's.
  std::string served() {
    const auto answer = client_.post_json("/v2/models/birds/predict", "{}");
    return answer.status == 200 ? answer.header("x-model-version") : std::to_string(answer.status);
  }
  int ready(const std::string& path) { return client_.get("/v2/models/birds" + path + "/ready").status; }

  const TwoVersions models_;
  const ServerProcess server_{{.plugins = {fake("swapper_a"), fake("crasher")}, .models_dir = models_.path()}};
  HttpClient client_ = server_.client();
  HttpClient admin_ = server_.admin();
};

TEST_F(Commands, PromoteAndRollBackVersions) {
  EXPECT_EQ(served(), "2");
  EXPECT_EQ(ready("/versions/1"), 503);
  do_well("promote birds 1", R"("active":"1")");
  do_well("load birds");  // returns when what was promoted serves
  EXPECT_EQ(served(), "1");
  do_well("rollback birds", R"("active":null)");
  EXPECT_EQ(served(), "2");
  do_well("promote birds 1");
  do_well("load birds");
  do_well("promote birds latest", R"("active":null)");
  EXPECT_EQ(served(), "2");
  refuse("promote birds 7", "there is no version 7 of birds");
  refuse("promote nobody 1", "there is no model nobody");
  EXPECT_EQ(served(), "2");
}

TEST_F(Commands, GiveAndTakeAwayLabels) {
  do_well("label birds canary 1 --percent 100", R"("canary":{"version":"1","percent":100.0})");
  do_well("load birds");
  EXPECT_EQ(served(), "1");
  EXPECT_EQ(ready("/versions/canary"), 200);
  do_well("rollout birds", R"("labels":{"canary":{"version":"1","percent":100.0}})");
  do_well("label birds canary --remove", R"("labels":{})");
  EXPECT_EQ(served(), "2");
  EXPECT_EQ(ready("/versions/canary"), 404);
  refuse("label birds canary 1 --percent 101", "percent");
  refuse("label birds canary 7", "there is no version 7 of birds");
  refuse("rollout nobody", "there is no model");
}

TEST_F(Commands, TakeAModelOutAndBringItBack) {
  do_well("unload birds");
  EXPECT_EQ(served(), "503");
  EXPECT_EQ(ready(""), 503);
  EXPECT_EQ(client_.post_json("/v2/models/crasher/predict", R"({"mode":"none"})").status, 200) << "others serve on";
  do_well("load birds");
  EXPECT_EQ(served(), "2");
  models_.put("3", "");
  refuse("load birds", "weights.txt is empty");
  EXPECT_EQ(served(), "2");
  refuse("load nobody", "nobody");
  refuse("unload nobody", "nobody");
}

TEST_F(Commands, HaveTheirCounterpartsInTritonsRepository) {
  EXPECT_EQ(admin_.send("POST", "/v2/repository/models/birds/unload").status, 200);
  EXPECT_EQ(served(), "503");
  EXPECT_THAT(admin_.send("POST", "/v2/repository/index").body,
              HasSubstr(R"({"name":"birds","version":"2","state":"UNAVAILABLE")"));
  EXPECT_EQ(admin_.send("POST", "/v2/repository/models/birds/load").status, 200);
  EXPECT_EQ(served(), "2");
  EXPECT_THAT(admin_.send("POST", "/v2/repository/index").body,
              HasSubstr(R"({"name":"birds","version":"2","state":"READY")"));
  EXPECT_EQ(admin_.send("POST", "/v2/repository/models/nobody/unload").status, 404);
}

TEST_F(Commands, ShowWhatMadeWorkersDie) {
  do_well("crashes", "no crash reports");
  const auto crashed = client_.post_json("/v2/models/crasher/predict", R"({"mode":"null"})");
  EXPECT_EQ(crashed.status, 500);
  const auto id = crashed.header("x-berth-crash-report");
  ASSERT_FALSE(id.empty());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  Ended report;
  do {
    report = berth("crashes " + id);  // the report is written while the answer is on its way
  } while (report.code != 0 && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(report.code, 0) << report.output;
  EXPECT_THAT(report.output,
              AllOf(HasSubstr(id), HasSubstr("SIGSEGV (null pointer)"), HasSubstr(crashed.header("x-request-id"))));
  EXPECT_THAT(berth("crashes").output, AllOf(HasSubstr(id), HasSubstr("crasher"), HasSubstr("SIGSEGV")));
  refuse("crashes 20260101T000000-00000000", "there is no crash report");
}

TEST_F(Commands, AreForThoseWhoHaveAKey) {
  const auto without =
      run("BERTH_API_KEY= " BERTH_PROGRAM " crashes --url http://127.0.0.1:" + std::to_string(server_.port()) +
          " --key-file /nowhere 2>&1");
  EXPECT_EQ(without.code, 2);
  EXPECT_THAT(without.output, HasSubstr("/nowhere"));
  const auto wrong =
      run("BERTH_API_KEY=berth_wrong " BERTH_PROGRAM " ls --url http://127.0.0.1:" + std::to_string(server_.port()) +
          " 2>&1");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.output, HasSubstr("--key-file"));
  do_well("ls --key-file " + (server_.folder() / "state/admin.key").string(), "birds");
}

}  // namespace
}  // namespace berth::test
