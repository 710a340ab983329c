// SPDX-License-Identifier: Apache-2.0
// Code and versions change under callers who keep asking, and none of them notices but by the answers.
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "fixtures.h"

namespace berth::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

HttpAnswer ask(HttpClient& client) { return client.post_json("/v2/models/birds/predict", "{}"); }

bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

// BERTH_EXCHANGES=1000 for a measurement.
int exchanges_wanted() {
  const char* text = std::getenv("BERTH_EXCHANGES");
  return text == nullptr ? 20 : std::atoi(text);
}

// Clients that ask the same over and over, each on one connection, until they are stopped.
class Crowd {
 public:
  Crowd(const ServerProcess& server, int clients) {
    for (int i = 0; i < clients; ++i) {
      auto client = server.client();
      check(ask(client));  // from here on all of them are connected
      threads_.emplace_back([this, client = std::move(client)](const std::stop_token& stop) mutable {
        while (!stop.stop_requested()) check(ask(client));
      });
    }
  }
  void stop() { threads_.clear(); }
  int answered() const { return answered_; }
  // Once it is stopped.
  const std::set<std::string>& versions() const { return versions_; }
  // What went wrong, "" where nothing did.
  std::string failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void check(const HttpAnswer& answer) {
    ++answered_;
    const auto version = answer.header("x-model-version");
    const bool own = answer.body.find(R"("version":")" + version + '"') != std::string::npos;
    const std::lock_guard lock(mutex_);
    versions_.insert(version);
    if (answer.status == 200 && !version.empty() && own && answer.header("connection") != "close") return;
    if (failures_.size() < 4096) {
      failures_.append(std::to_string(answer.status)).append(" ").append(version).append(": ");
      failures_.append(answer.body).append("\n");
    }
  }

  std::atomic<int> answered_ = 0;
  std::mutex mutex_;
  std::string failures_;
  std::set<std::string> versions_;
  std::vector<std::jthread> threads_;
};

// The server with one model, "birds", of which everything is exchanged.
class Exchange : public testing::Test {
 protected:
  Exchange() {
    put_version("1");
    replace_code('a', false);
  }

  // By a new file under the old name, or by new bytes in the old file.
  void replace_code(char code, bool in_place) {
    const auto build = fake(std::string("swapper_") + code);
    const auto target = server_.folder() / "plugins/swapper.so";
    if (in_place) {
      std::ofstream(target, std::ios::binary) << read_file(build);
      return;
    }
    fs::copy_file(build, server_.folder() / ".new", fs::copy_options::overwrite_existing);
    fs::rename(server_.folder() / ".new", target);
  }
  void put_version(const std::string& version) {
    const auto beside = server_.folder() / "beside", target = server_.folder() / "models/birds" / version;
    server_.folder().write("beside/model.yaml", "plugin: swapper\n");
    server_.folder().write("beside/weights.txt", version);
    fs::create_directories(target.parent_path());
    fs::rename(beside, target);
  }
  void remove_version(const std::string& version) { fs::remove_all(server_.folder() / "models/birds" / version); }

  int status_of(std::string_view method, const std::string& target, std::string_view body = {}) {
    const auto answer = admin_.send(method, target, {}, body);
    if (answer.status != 200) ADD_FAILURE() << target << ": " << answer.status << " " << answer.body;
    return answer.status;
  }
  bool becomes(char code, const std::string& version) {
    HttpAnswer answer;
    const auto wanted = std::string(R"("code":")") + code + '"';
    const bool became = eventually([&] {
      answer = ask(client_);
      return answer.header("x-model-version") == version && answer.body.find(wanted) != std::string::npos;
    });
    EXPECT_TRUE(became) << "wanted " << code << " " << version << ", is " << answer.header("x-model-version") << " "
                        << answer.body;
    return became;
  }
  // Four exchanges: code renamed, a version loaded and promoted, code overwritten, the version before promoted again.
  bool exchange(int i) {
    const auto version = std::to_string(2 + i / 4);
    switch (i % 4) {
      case 0: replace_code('b', false); return becomes('b', "1");
      case 1:
        put_version(version);
        return status_of("POST", "/v2/repository/models/birds/load") == 200 &&
               status_of("PATCH", kRollout, R"({"active":")" + version + "\"}") == 200 && becomes('b', version);
      case 2: replace_code('a', true); return becomes('a', version);
      default:
        if (status_of("POST", "/v2/berth/models/birds/rollback") != 200 || !becomes('a', "1")) return false;
        remove_version(version);
        return true;
    }
  }
  // One worker, and what it was forked from; no version that is on its way out.
  bool comes_to_rest() {
    return eventually([&] { return server_.workers().size() == 1 && server_.processes().size() == 2; });
  }

  static constexpr const char* kRollout = "/v2/berth/models/birds/rollout";
  // Without records, whose database takes some megabytes for its caches once it is written to, and no more.
  ServerProcess server_{{.config = "server: {watch_settle: 20ms}\ndefaults: {records: off}\n"}};
  HttpClient client_ = server_.client();
  HttpClient admin_ = server_.admin();
};

TEST_F(Exchange, OfCodeAndVersionsCostsNoCallerAnAnswerAndLeavesNothingBehind) {
  ASSERT_TRUE(becomes('a', "1"));
  ASSERT_EQ(status_of("PATCH", kRollout, R"({"active":"1"})"), 200);
  Crowd crowd(server_, 3);
  int done = 0;
  for (; done < 4; ++done) ASSERT_TRUE(exchange(done)) << done;
  ASSERT_TRUE(comes_to_rest());
  const auto descriptors = open_descriptors(server_.pid());
  const auto resident = resident_bytes(server_.pid());
  for (; done < exchanges_wanted(); ++done) ASSERT_TRUE(exchange(done)) << done;
  EXPECT_TRUE(comes_to_rest()) << server_.processes().size() << " processes";
  const auto resident_at_the_end = resident_bytes(server_.pid());
  EXPECT_TRUE(eventually([&] { return open_descriptors(server_.pid()) <= descriptors; }))
      << descriptors << " descriptors, now " << open_descriptors(server_.pid());
  crowd.stop();
  // Sanitizers keep what was freed.
  if (std::getenv("BERTH_EXCHANGES") != nullptr) {
    EXPECT_LT(resident_at_the_end, resident + 4UL * 1024 * 1024);
  }
  EXPECT_EQ(crowd.failures(), "");
  EXPECT_GT(crowd.answered(), done);
  EXPECT_GT(crowd.versions().size(), 1U);
  std::printf("%d exchanges, %d calls answered, %zu KiB resident after four, %zu at the end\n", done, crowd.answered(),
              resident / 1024, resident_at_the_end / 1024);
  const auto processes = server_.processes();
  server_.signal(SIGTERM);
  EXPECT_EQ(server_.wait(60s), 0);
  for (const auto pid : processes) EXPECT_FALSE(fs::exists("/proc/" + std::to_string(pid))) << pid;
}

}  // namespace
}  // namespace berth::test
