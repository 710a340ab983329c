// SPDX-License-Identifier: Apache-2.0
// What the service puts on record, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "core/fake_hosting.h"
#include "core/service.h"
#include "store/database.h"
#include "support/temp_folder.h"

namespace berth::core {
namespace {

using records::Mode;
using testing::HasSubstr;

class Recording : public testing::Test {
 protected:
  void SetUp() override {
    database_ = std::move(*store::Database::open({.url = "sqlite:" + (folder_ / "berth.db").string()}));
    records_ = std::make_unique<records::Records>(*database_, records::Options{.loops = {loop_.get()}});
    recorder_ = std::make_unique<Recorder>(*records_, RecorderOptions{.mode_of = [this](auto) { return mode_; }});
    service_ = std::make_unique<Service>(registry_, trainings_, recorder_.get());
    hosting::Description description;
    description.has_predict_data = description.has_predict_url = description.has_train = true;
    description.test_args_json = R"([{"name":"k","type":"int"}])";
    registry_.add(std::make_shared<hosting::FakeModel>(
        "m", std::move(description), [this](const hosting::Call& call, const hosting::OnOutcome& on_outcome) {
          ++calls_;
          if (submit_) return submit_(on_outcome);
          on_outcome(model_(call));
        }));
  }

  void TearDown() override { loop_->stop(); }

  hosting::Outcome predict(PredictRequest request = {}) {
    const auto caller = std::make_shared<const identity::Principal>(
        identity::Principal{.user_id = 5, .key_id = 7, .name = "ann", .role = identity::Role::admin});
    request.model = *service_->choose("m", {}, *caller);
    request.record.caller = caller;
    request.record.dialect = "deepaas-v2";
    std::promise<hosting::Outcome> told;
    service_->predict(std::move(request), [&told](hosting::Outcome&& outcome) { told.set_value(std::move(outcome)); });
    return told.get_future().get();
  }

  std::vector<store::Record> kept() {
    std::vector<store::Record> found;
    EXPECT_TRUE(database_->read([&found](soci::session& sql) -> Result<> {
      found = store::find(sql, {}).records;
      return {};
    }));
    return found;
  }
  // Async ones are there once their records have gone.
  std::vector<store::Record> kept_in_the_end() {
    service_.reset();
    recorder_.reset();
    records_.reset();
    return kept();
  }
  void break_table(const std::string& table) {
    ASSERT_TRUE(database_->write([&table](soci::session& sql) -> Result<> {
      sql << "DROP TABLE " << table;
      return {};
    }));
  }

  const test::TempFolder folder_;
  Mode mode_ = Mode::durable;
  std::function<hosting::Outcome(const hosting::Call&)> model_ = [](const hosting::Call&) {
    return hosting::Outcome{hosting::json_output("[1]"), {.queue_ns = 2000, .compute_ns = 3000}, "1"};
  };
  std::function<void(const hosting::OnOutcome&)> submit_ = {};  // instead of model_, where it is set
  int calls_ = 0;
  hosting::FakeRegistry registry_;
  training::Trainings trainings_{registry_, training::make_memory_journal(), {}};
  const std::unique_ptr<Loop> loop_ = std::move(*Loop::create());
  std::jthread thread_{[this] { loop_->run(); }};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<records::Records> records_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Service> service_;
};

TEST_F(Recording, HasADurableRequestBeforeTheModelRunsAndItsResponseBeforeTheAnswer) {
  std::vector<store::Record> before;
  model_ = [&](const hosting::Call&) {
    before = kept();
    return hosting::Outcome{hosting::json_output("[1]"), {.queue_ns = 2000, .compute_ns = 3000}, "1"};
  };
  ASSERT_TRUE(predict().output);
  ASSERT_EQ(before.size(), 1U);
  EXPECT_FALSE(before[0].response);
  const auto after = kept();
  ASSERT_EQ(after.size(), 1U);
  const auto& request = after[0].request;
  EXPECT_EQ(request.user_id, 5);
  EXPECT_EQ(request.principal, "key 7");
  EXPECT_EQ(request.dialect, "deepaas-v2");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.version, "1");
  EXPECT_EQ(request.method, "predict_data");
  ASSERT_TRUE(after[0].response);
  const auto& response = *after[0].response;
  EXPECT_EQ(response.status, "ok");
  EXPECT_EQ(response.output_json, "[1]");
  EXPECT_EQ(response.queue_us, 2);
  EXPECT_EQ(response.compute_us, 3);
}

TEST_F(Recording, TellsTheInput) {
  PredictRequest request;
  request.args.values.insert_or_assign("k", std::vector<std::string>{"3"});
  request.files.push_back({"data", "a.png", "image/png", Bytes(std::string("abc"))});
  request.record.source = std::string("camera\0", 7);
  request.record.tags = {"night", "rain"};
  request.record.deployment = "gate";
  request.record.id = 77;
  ASSERT_TRUE(predict(std::move(request)).output);
  const auto record = kept().at(0).request;
  EXPECT_EQ(record.id, 77);
  EXPECT_THAT(record.input_json, HasSubstr(R"({"args":{"k":3},"files":[{"field":"data","file_name":"a.png")"));
  EXPECT_EQ(record.source, "camera");
  EXPECT_EQ(record.tags_json, R"(["night","rain"])");
  EXPECT_EQ(record.deployment, "gate");
}

TEST_F(Recording, IsSoonWhereItIsAsync) {
  mode_ = Mode::async;
  ASSERT_TRUE(predict().output);
  const auto records = kept_in_the_end();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_TRUE(records[0].response);
}

TEST_F(Recording, IsDurableWhereTheDialectPromisesIt) {
  mode_ = Mode::async;
  PredictRequest request;
  request.record.is_durable = true;
  ASSERT_TRUE(predict(std::move(request)).output);
  EXPECT_TRUE(kept().at(0).response);
}

TEST_F(Recording, IsNotWhereItIsOff) {
  mode_ = Mode::off;
  PredictRequest request;
  request.record.is_durable = true;
  ASSERT_TRUE(predict(std::move(request)).output);
  EXPECT_TRUE(kept_in_the_end().empty());
}

TEST_F(Recording, HasWhatWasRefusedAndWhatFailed) {
  PredictRequest bad;
  bad.args.values.insert_or_assign("k", std::vector<std::string>{"three"});
  EXPECT_EQ(predict(std::move(bad)).output.error().code, Code::invalid_argument);
  EXPECT_EQ(calls_, 0);
  model_ = [](const hosting::Call&) { return hosting::Outcome{failure(Code::timeout, "too slow"), {}, "1"}; };
  EXPECT_EQ(predict().output.error().code, Code::timeout);
  const auto records = kept();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].response->status, "timeout");
  EXPECT_EQ(records[0].response->output_json, R"({"error":"too slow"})");
  EXPECT_EQ(records[1].response->status, "invalid_argument");
  EXPECT_THAT(records[1].response->output_json, HasSubstr(R"("fields":{"k":)"));
}

TEST_F(Recording, OfALargeFileIsDoneElsewhere) {
  for (const auto mode : {Mode::durable, Mode::async}) {
    mode_ = mode;
    PredictRequest request;
    request.files.push_back({"data", "big", "", Bytes(std::string(1'000'000, 'x'))});
    EXPECT_TRUE(predict(std::move(request)).output);
  }
  const auto records = kept_in_the_end();
  ASSERT_EQ(records.size(), 2U);
  for (const auto& record : records) {
    EXPECT_THAT(record.request.input_json, HasSubstr(R"("bytes":1000000,"sha256":")"));
    EXPECT_TRUE(record.response);
  }
}

TEST_F(Recording, ThatFailsMeansThatTheModelIsNotAsked) {
  break_table("requests");
  const auto outcome = predict();
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::busy);
  EXPECT_THAT(outcome.output.error().message, HasSubstr("could not be put on record"));
  EXPECT_EQ(calls_, 0);
}

TEST_F(Recording, ThatFailsKeepsTheAnswerBack) {
  model_ = [this](const hosting::Call&) {
    break_table("responses");
    return hosting::Outcome{hosting::json_output("[1]"), {}, "1"};
  };
  const auto outcome = predict();
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::busy);
  EXPECT_EQ(calls_, 1);
}

TEST_F(Recording, WaitsForCallsThatAreNotAnsweredYet) {
  std::promise<hosting::OnOutcome> asked;
  submit_ = [&asked](const hosting::OnOutcome& on_outcome) { asked.set_value(on_outcome); };
  std::atomic<bool> is_gone = false, was_gone = true;
  PredictRequest request;
  request.model = *service_->model("m");
  std::promise<void> answered;
  service_->predict(std::move(request), [&](const hosting::Outcome& outcome) {
    EXPECT_TRUE(outcome.output);
    was_gone = is_gone.load();
    answered.set_value();
  });
  const auto on_outcome = asked.get_future().get();
  service_.reset();
  std::jthread end([&] {
    recorder_.reset();
    is_gone = true;
  });
  on_outcome({hosting::json_output("[1]"), {}, "1"});
  answered.get_future().wait();
  EXPECT_FALSE(was_gone);
  end.join();
  records_.reset();
  EXPECT_TRUE(kept().at(0).response);
}

TEST_F(Recording, HasPredictionsThatWereMadeElsewhere) {
  ForeignPrediction prediction;
  prediction.record.dialect = "deployments";
  prediction.record.id = service_->new_record_id("elsewhere");
  prediction.model = "elsewhere";
  prediction.input_json = R"({"height":3})";
  prediction.files.push_back({"image", "a.jpg", "image/jpeg", Bytes(std::string("abc"))});
  prediction.output_json = R"({"detection_scores":[]})";
  prediction.latency = std::chrono::milliseconds(259);
  std::promise<Result<>> told;
  service_->keep_prediction(prediction, [&told](Result<> kept) { told.set_value(std::move(kept)); });
  ASSERT_TRUE(told.get_future().get());
  const auto record = kept().at(0);
  EXPECT_EQ(record.request.id, prediction.record.id);
  EXPECT_EQ(record.request.model, "elsewhere");
  EXPECT_THAT(record.request.input_json, HasSubstr(R"({"args":{"height":3},"files":[{"field":"image")"));
  EXPECT_EQ(record.response->output_json, R"({"detection_scores":[]})");
  EXPECT_EQ(record.response->compute_us, 259'000);
}

TEST_F(Recording, DoesNotTakePredictionsThatItWouldNotKeep) {
  mode_ = Mode::off;
  std::promise<Result<>> told;
  service_->keep_prediction({}, [&told](Result<> kept) { told.set_value(std::move(kept)); });
  const auto kept = told.get_future().get();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Code::not_implemented);
}

TEST_F(Recording, RefusesPredictionsFromElsewhereThatItWouldNotKeepWhole) {
  ForeignPrediction prediction;
  prediction.model = "elsewhere";
  prediction.input_json = "{}";
  prediction.output_json = '"' + std::string(100'000, 'x') + '"';
  std::promise<Result<>> told;
  service_->keep_prediction(prediction, [&told](Result<> kept) { told.set_value(std::move(kept)); });
  EXPECT_EQ(told.get_future().get().error().code, Code::too_large);
  EXPECT_TRUE(kept().empty());
  mode_ = Mode::off;
  EXPECT_EQ(service_->new_record_id("elsewhere"), 0);
}

TEST_F(Recording, SaysThatATrainingBegan) {
  const auto caller = std::make_shared<const identity::Principal>(
      identity::Principal{.user_id = 5, .name = "ann", .role = identity::Role::admin});
  const auto view = *service_->choose("m", {}, *caller);
  RecordNote note;
  note.caller = caller;
  const auto training = service_->start_training(view, {}, note, "r");
  ASSERT_TRUE(training);
  const auto records = kept_in_the_end();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].request.method, "train");
  EXPECT_EQ(records[0].response->output_json, R"({"training":")" + training->uuid + R"("})");
}

}  // namespace
}  // namespace berth::core
