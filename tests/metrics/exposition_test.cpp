// SPDX-License-Identifier: Apache-2.0
#include "metrics/exposition.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "core/fake_hosting.h"

namespace berth::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// "name{label="…",…}" → value; comments apart.
std::map<std::string, double> samples(const std::string& text) {
  std::map<std::string, double> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const auto space = line.rfind(' ');
    EXPECT_NE(space, std::string::npos) << line;
    EXPECT_TRUE(result.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second) << "twice: " << line;
  }
  return result;
}

// Family → its type.
std::map<std::string, std::string> families(const std::string& text) {
  std::map<std::string, std::string> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, type, name, value;
    if (words >> hash >> type >> name >> value && hash == "#" && type == "TYPE") {
      EXPECT_TRUE(result.emplace(name, value).second) << "twice: " << line;
    }
  }
  return result;
}

hosting::Listing listing_of(const std::shared_ptr<hosting::FakeModel>& model, std::string version) {
  return {.name = model->source().name,
          .version = std::move(version),
          .plugin = {},
          .status = model->status(),
          .model = model};
}

class Exposition : public testing::Test {
 protected:
  void SetUp() override {
    hosting::Status status;
    status.state = hosting::State::ready;
    status.workers = {{::getpid(), "busy", 7}, {0x7fffffff, "idle", 0}};  // the second is gone
    status.queued = 4;
    status.restarts = 2;
    model_->set_status(status);
  }
  std::string text() const { return exposition({listing_of(model_, "3")}, figures_); }
  double value(const std::string& sample) const {
    const auto all = samples(text());
    const auto found = all.find(sample);
    EXPECT_NE(found, all.end()) << sample;
    return found == all.end() ? -1 : found->second;
  }

  std::shared_ptr<hosting::FakeModel> model_ =
      std::make_shared<hosting::FakeModel>("iris", hosting::Description{}, nullptr);
  ServerFigures figures_{
      .connections = 1, .requests_in_flight = 2, .body_bytes = 3, .answer_bytes = 4, .requests = 5, .records_lost = 6};
};

TEST_F(Exposition, SplitsPredictionsByWhatBecameOfThemAndWhatTheyTook) {
  model_->statistics().count_success({1'000'000'000, 2'000'000'000, 3'000'000'000, 4'000'000'000}, 10s);
  model_->statistics().count_success({}, 2ms);
  model_->statistics().count_failure(Code::busy, 500ms);
  EXPECT_EQ(value(R"(berth_predictions_total{model="iris",version="3",code="ok"})"), 2);
  EXPECT_EQ(value(R"(berth_predictions_total{model="iris",version="3",code="busy"})"), 1);
  EXPECT_EQ(value(R"(berth_failed_prediction_seconds_total{model="iris",version="3"})"), 0.5);
  const std::string stage = R"(berth_prediction_stage_seconds_total{model="iris",version="3",stage=)";
  EXPECT_EQ(value(stage + R"("queue"})"), 1);
  EXPECT_EQ(value(stage + R"("input"})"), 2);
  EXPECT_EQ(value(stage + R"("infer"})"), 3);
  EXPECT_EQ(value(stage + R"("output"})"), 4);
  const std::string duration = "berth_prediction_duration_seconds";
  EXPECT_EQ(value(duration + R"(_count{model="iris",version="3"})"), 2);
  EXPECT_EQ(value(duration + R"(_sum{model="iris",version="3"})"), 10.002);
  EXPECT_EQ(value(duration + R"(_bucket{model="iris",version="3",le="0.001"})"), 0);
  EXPECT_EQ(value(duration + R"(_bucket{model="iris",version="3",le="0.0025"})"), 1);
  EXPECT_EQ(value(duration + R"(_bucket{model="iris",version="3",le="10"})"), 2);
  EXPECT_EQ(value(duration + R"(_bucket{model="iris",version="3",le="+Inf"})"), 2);
}

TEST_F(Exposition, SplitsExecutionsBySize) {
  model_->statistics().count_execution(1, 500'000'000, 250'000'000);
  model_->statistics().count_execution(4, 1'000'000'000, 2'000'000'000);
  model_->statistics().add_output(4, 3'000'000'000);
  EXPECT_EQ(value(R"(berth_executions_total{model="iris",version="3",batch_size="1"})"), 1);
  EXPECT_EQ(value(R"(berth_executions_total{model="iris",version="3",batch_size="4"})"), 1);
  const std::string stage = R"(berth_execution_stage_seconds_total{model="iris",version="3",batch_size="4",stage=)";
  EXPECT_EQ(value(stage + R"("input"})"), 1);
  EXPECT_EQ(value(stage + R"("infer"})"), 2);
  EXPECT_EQ(value(stage + R"("output"})"), 3);
}

TEST_F(Exposition, TellsOfWorkersTheQueueAndMemory) {
  EXPECT_EQ(value(R"(berth_model_ready{model="iris",version="3"})"), 1);
  EXPECT_EQ(value(R"(berth_workers{model="iris",version="3",state="busy"})"), 1);
  EXPECT_EQ(value(R"(berth_workers{model="iris",version="3",state="idle"})"), 1);
  EXPECT_EQ(value(R"(berth_workers{model="iris",version="3",state="starting"})"), 0);
  EXPECT_EQ(value(R"(berth_queue_depth{model="iris",version="3"})"), 4);
  EXPECT_EQ(value(R"(berth_worker_restarts_total{model="iris",version="3"})"), 2);
  EXPECT_GT(value(R"(berth_worker_memory_bytes{model="iris",version="3"})"), 100'000);
}

TEST_F(Exposition, SaysNothingOfTheWorkOfOneThatDoesNotServeYet) {
  hosting::Status status;
  status.workers = {{::getpid(), "starting", 0}};
  model_->set_status(status);
  model_->statistics().count_execution(1, 1, 1);  // its self-test's
  EXPECT_THAT(text(), Not(HasSubstr("berth_executions_total")));
  EXPECT_EQ(value(R"(berth_workers{model="iris",version="3",state="starting"})"), 1);
}

TEST_F(Exposition, ListsWhatDoesNotServe) {
  const hosting::Listing broken{
      .name = "broken \"quoted\"\\\n", .version = "1", .plugin = {}, .status = {}, .model = nullptr};
  const auto said = exposition({broken}, figures_);
  EXPECT_THAT(said, HasSubstr(R"(berth_model_ready{model="broken \"quoted\"\\\n",version="1"} 0)"));
  EXPECT_THAT(said, Not(HasSubstr("berth_workers")));
}

TEST_F(Exposition, ShowsWhatPluginsCount) {
  model_->set_own_metrics(
      {{"pictures", {true, 12}}, {"level", {false, 0.5}}, {"bytes_total", {true, 3}}, {"bytes", {true, 2}}});
  const auto other = std::make_shared<hosting::FakeModel>("oak", hosting::Description{}, nullptr);
  other->set_own_metrics({{"pictures_total", {false, 9}}});
  const auto said = exposition({listing_of(model_, "3"), listing_of(other, "1")}, figures_);
  const auto types = families(said);
  const auto values = samples(said);
  EXPECT_EQ(values.at(R"(berth_plugin_pictures_total{model="iris",version="3"})"), 12);
  EXPECT_EQ(values.at(R"(berth_plugin_pictures_total{model="oak",version="1"})"), 9);
  EXPECT_EQ(types.at("berth_plugin_pictures_total"), "untyped") << "a counter of one plugin, a gauge of another";
  EXPECT_EQ(values.at(R"(berth_plugin_level{model="iris",version="3"})"), 0.5);
  EXPECT_EQ(types.at("berth_plugin_level"), "gauge");
  EXPECT_EQ(values.at(R"(berth_plugin_bytes_total{model="iris",version="3"})"), 2) << "once, though both have its name";
  EXPECT_EQ(types.at("berth_plugin_bytes_total"), "counter");
}

TEST_F(Exposition, TellsOfConnectionsAndOfTheProcess) {
  EXPECT_EQ(value("berth_http_requests_total"), 5);
  EXPECT_EQ(value("berth_http_requests_in_flight"), 2);
  EXPECT_EQ(value("berth_http_connections"), 1);
  EXPECT_EQ(value(R"(berth_http_body_bytes{of="requests"})"), 3);
  EXPECT_EQ(value(R"(berth_http_body_bytes{of="answers"})"), 4);
  EXPECT_GT(value("process_cpu_seconds_total"), 0);
  EXPECT_GT(value("process_resident_memory_bytes"), 1'000'000);
  EXPECT_GE(value("process_open_fds"), 3);
  EXPECT_GT(value("process_max_fds"), 3);
  EXPECT_GE(value("process_threads"), 1);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LT(value("process_start_time_seconds"), now + 1);
  EXPECT_GT(value("process_start_time_seconds"), now - 3600);
  EXPECT_EQ(value("process_start_time_seconds"), value("process_start_time_seconds"));
}

using Labels = std::set<std::string>;

// Family → the labels of its samples; the bounds of a histogram's buckets, which every histogram has, apart.
std::map<std::string, Labels> labels_of(const std::string& text) {
  const std::regex label(R"(([a-z_]+)="(?:[^"\\]|\\.)*")");
  const auto types = families(text);
  std::map<std::string, Labels> result;
  for (const auto& [sample, value] : samples(text)) {
    auto family = sample.substr(0, sample.find('{'));
    for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
      const auto stem = family.substr(0, family.size() - std::min(family.size(), suffix.size()));
      const auto whole = types.find(stem);
      if (family.ends_with(suffix) && whole != types.end() && whole->second == "histogram") family = stem;
    }
    Labels labels;
    for (std::sregex_iterator found(sample.begin(), sample.end(), label), end; found != end; ++found) {
      if ((*found)[1] != "le") labels.insert((*found)[1]);
    }
    const auto [known, is_new] = result.emplace(family, labels);
    EXPECT_TRUE(is_new || known->second == labels) << sample << " has other labels than those before it";
  }
  return result;
}

// What a cell of the page lists, comma by comma.
Labels listed(const std::string& cell) {
  const std::regex word("[a-z_]+");
  return {std::sregex_token_iterator(cell.begin(), cell.end(), word), std::sregex_token_iterator()};
}

// The table of docs/metrics.md: each family, its type, its labels.
TEST_F(Exposition, IsWhatItsPageSays) {
  model_->statistics().count_success({}, 1ms);
  model_->statistics().count_execution(1, 1, 1);
  std::map<std::string, std::string> types;
  std::map<std::string, Labels> labels;
  std::ifstream page(BERTH_METRICS_PAGE);
  const std::regex row(R"(\| `((?:berth|process)_[a-z_]+)` \| ([a-z]+) \|([a-z_, ]*)\|.*)");
  for (std::string line; std::getline(page, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    types.emplace(match[1], match[2]);
    labels.emplace(match[1], listed(match[3]));
  }
  EXPECT_EQ(types, families(text()));
  EXPECT_EQ(labels, labels_of(text()));
}

}  // namespace
}  // namespace berth::metrics
