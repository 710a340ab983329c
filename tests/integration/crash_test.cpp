// SPDX-License-Identifier: Apache-2.0
// A plugin's crash costs at most its own call.
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "fixtures.h"

namespace berth::test {
namespace {

using namespace std::chrono_literals;

// The workers of a model that have answered at least `calls` calls.
std::vector<pid_t> worker_pids(const ServerProcess& server, std::string_view model, unsigned calls = 0) {
  const auto entry = listing_of(server, model);
  std::vector<pid_t> pids;
  if (const auto* workers = json::find(entry, "workers")) {
    for (const auto& worker : workers->GetArray()) {
      if (worker["calls"].GetUint() >= calls) pids.push_back(static_cast<pid_t>(worker["pid"].GetInt()));
    }
  }
  return pids;
}

// BERTH_KILLS=1000 for a measurement.
int kills_wanted() {
  const char* text = std::getenv("BERTH_KILLS");
  return text == nullptr ? 20 : std::atoi(text);
}

TEST(Crash, KillingAWorkerUnderLoadCostsNobodyElseAnything) {
  const int wanted = kills_wanted();
  const ServerProcess server({.plugins = {plugin("greeter"), fake("echo")}});
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0, failed = 0, victim_answered = 0, victim_failed = 0;
  const auto keep_asking = [&](std::string_view target, std::atomic<int>& good, std::atomic<int>& bad) {
    auto client = server.client();
    while (!stop) ++(client.post_json(target, R"({"name":"Ada"})").status == 200 ? good : bad);
  };
  int kills = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 2; ++i) {
      clients.emplace_back([&] { keep_asking("/v2/models/echo/predict", answered, failed); });
      clients.emplace_back([&] { keep_asking("/v2/models/greeter/predict", victim_answered, victim_failed); });
    }
    pid_t last = 0;
    const auto deadline = std::chrono::steady_clock::now() + 250s;
    while (kills < wanted && std::chrono::steady_clock::now() < deadline) {
      for (const auto pid : worker_pids(server, "greeter", 1)) {
        if (pid == last || pid <= 0 || ::kill(pid, SIGKILL) != 0) continue;
        last = pid;
        ++kills;
      }
    }
    stop = true;
  }
  EXPECT_EQ(kills, wanted);
  RecordProperty("calls_of_the_other_model", answered);
  RecordProperty("calls_of_the_killed_model", victim_answered);
  EXPECT_GT(answered, 0);
  EXPECT_EQ(failed, 0) << "the other model noticed";
  EXPECT_GT(victim_answered, 0);
  // A call is retried once, and no worker is killed before it has answered: none can meet two kills.
  EXPECT_EQ(victim_failed, 0);
}

TEST(Crash, AnInputThatKillsTwoWorkersIsAnsweredAndTheNextCallerIsServed) {
  const ServerProcess server({.plugins = {fake("crasher")}});
  auto client = server.client();
  const auto before = worker_pids(server, "crasher");
  for (const auto* mode : {"null", "abort", "terminate", "exit"}) {
    const auto answer = client.post_json("/v2/models/crasher/predict", std::string(R"({"mode":")") + mode + "\"}");
    EXPECT_EQ(answer.status, 500) << mode << ": " << answer.body;
    EXPECT_NE(answer.body.find(answer.header("x-request-id")), std::string::npos) << answer.body;
    EXPECT_EQ(client.post_json("/v2/models/crasher/predict", R"({"mode":"none"})").status, 200) << "after " << mode;
  }
  EXPECT_NE(worker_pids(server, "crasher"), before);
}

TEST(Crash, ACallThatTakesTooLongIsEndedAndTheModelServesOn) {
  const ServerProcess server({.plugins = {fake("sleeper")}, .config = "defaults:\n  call_timeout: 300ms\n"});
  auto client = server.client();
  const auto slow = client.post_json("/v2/models/sleeper/predict", R"({"seconds":30})");
  EXPECT_EQ(slow.status, 504) << slow.body;
  EXPECT_EQ(client.post_json("/v2/models/sleeper/predict", R"({"seconds":0})").status, 200);
}

TEST(Crash, IsReportedUnderTheNameThatTheAnswerGives) {
  const ServerProcess server({.plugins = {fake("crasher")}});
  auto client = server.client();
  const auto answer = client.post_json("/v2/models/crasher/predict", R"({"mode":"null"})");
  EXPECT_EQ(answer.status, 500);
  auto admin = server.admin();
  const auto id = answer.header("x-berth-crash-report");
  EXPECT_NE(answer.body.find("crash report " + id), std::string::npos) << answer.body;
  json::Document report;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  do {
    const auto got = admin.get("/v2/berth/crashes/" + id);
    if (got.status == 200) report = json_of(got);
  } while ((!report.IsObject() || !report["complete"].GetBool()) && std::chrono::steady_clock::now() < deadline);
  ASSERT_TRUE(report.IsObject());
  EXPECT_EQ(text_at(report, "summary").find("SIGSEGV (null pointer)"), 0U) << text_at(report, "summary");
  EXPECT_EQ(report["request_ids"][0], answer.header("x-request-id").c_str());
  const auto list = json_of(admin.get("/v2/berth/crashes"));
  EXPECT_EQ(list.Size(), 2U);  // it was tried twice
  EXPECT_NE(server.log().find("crash report " + id), std::string::npos);
}

TEST(Crash, AFullQueueAnswersBusyAndSaysWhenToComeBack) {
  const ServerProcess server({.plugins = {fake("sleeper")}, .config = "defaults:\n  max_queue: 1\n"});
  std::atomic<int> busy = 0, served = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 6; ++i) {
      clients.emplace_back([&] {
        auto client = server.client();
        const auto answer = client.post_json("/v2/models/sleeper/predict", R"({"seconds":0.5})");
        if (answer.status == 200) ++served;
        if (answer.status == 503 && !answer.header("retry-after").empty()) ++busy;
      });
    }
  }
  EXPECT_EQ(served + busy, 6);
  EXPECT_GE(served, 2);
  EXPECT_GE(busy, 1);
}

}  // namespace
}  // namespace berth::test
