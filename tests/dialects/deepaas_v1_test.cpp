// SPDX-License-Identifier: Apache-2.0
// What the transcript does not show of V1, and the admin's listing.
#include "dialects/deepaas_v1.h"

#include "dialects/fixture.h"

namespace berth::test {
namespace {

class DeepaasV1 : public DialectTest {
 protected:
  std::string text(const http::Response& response) { return std::string(response.body.view()); }
  std::string predict(const std::string& query) { return text(ask("POST", "/models/v1demo/predict?url=u&" + query)); }
};

TEST_F(DeepaasV1, ListsModelsBelowTheBasePath) {
  registry_.add(v1_demo_model());
  open({.base_path = "/x"});
  EXPECT_EQ(text(ask("GET", "/x/models/")),
            R"({"models":[{"id":"v1demo","name":"v1 probe","links":[{"rel":"self","href":"/x/models/v1demo"}],)"
            R"("description":"d","author":"a","version":"0.1"}]})");
}

TEST_F(DeepaasV1, UnknownPathsAndMethodsAreJson) {
  registry_.add(v1_demo_model());
  open();
  const auto wrong = ask("GET", "/models/v1demo/train");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "PUT");
  EXPECT_EQ(text(wrong), R"({"message":"The method is not allowed for the requested URL."})");
  EXPECT_EQ(ask("GET", "/models/unknown").status, 404);
  EXPECT_EQ(header(ask("POST", "/models/unknown/predict"), "Content-Type"), "application/json");
  EXPECT_EQ(ask("DELETE", "/models/unknown").status, 404);
}

TEST_F(DeepaasV1, SaysTheFirstBadArgumentInItsWords) {
  registry_.add(v1_demo_model());
  open();
  EXPECT_EQ(predict("must=1&pick=z"), R"({"errors":{"pick":"a or b The value 'z' is not a valid choice for 'pick'."},)"
                                      R"("message":"Input payload validation failed"})");
  EXPECT_EQ(predict("must=1&n=99999999999999999999"),
            R"({"errors":{"n":"an int Number too large."},"message":"Input payload validation failed"})");
}

TEST_F(DeepaasV1, AModelThatTakesNoFileNeedsNone) {
  hosting::Description description;
  description.has_predict_data = true;
  description.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  add("t", description, [](const hosting::Call&, const hosting::OnOutcome& on_outcome) {
    on_outcome({hosting::text_output("plain"), {}, "1"});
  });
  open();
  EXPECT_EQ(text(ask("POST", "/models/t/predict")), "\"plain\"");
}

TEST_F(DeepaasV1, TrainWaitsForTheEndAndSendsAModelsError) {
  registry_.add(v1_demo_model());
  open();
  Exchange exchange;
  exchange.method = "PUT";
  exchange.target = "/models/v1demo/train?epochs=3";
  dispatch(to_request(exchange));
  EXPECT_TRUE(answers_.empty());
  registry_.runs.at(0)->finish(failure(Error{.message = "too few", .model_status = 422}));
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].status, 422);
  EXPECT_EQ(answers_[0].body.view(), R"({"message":"too few"})");

  answers_.clear();
  dispatch(to_request(exchange));
  registry_.runs.at(1)->finish(failure(Code::internal, "secret"));
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].body.view(), R"({"message":"Internal Server Error","request_id":"transcript"})");
}

TEST_F(DeepaasV1, TrainsTheActiveVersionWhateverTheShares) {
  hosting::Source source;
  source.name = "m";
  hosting::Description description;
  description.has_train = true;
  for (const auto* version : {"1", "2"}) {
    source.version.assign(version);
    description.train_args_json = R"([{"name":"only_in_)" + source.version + R"(","required":true}])";
    registry_.add(std::make_shared<hosting::FakeModel>(source, description, hosting::FakeModel::Answer()));
  }
  registry_.shared_to = "2";
  open();
  EXPECT_EQ(ask("PUT", "/models/m/train?only_in_2=x").status, 400);
  Exchange exchange;
  exchange.method = "PUT";
  exchange.target = "/models/m/train?only_in_1=x";
  dispatch(to_request(exchange));
  ASSERT_EQ(registry_.runs.size(), 1U);
  EXPECT_EQ(registry_.runs[0]->call.args_json, R"({"only_in_1":"x"})");
}

TEST_F(DeepaasV1, TrainThatCannotStartIsAnsweredOnce) {
  registry_.add(v1_demo_model());
  registry_.refuse_runs = Error{.code = Code::busy, .message = "full"};
  open();
  const auto response = ask("PUT", "/models/v1demo/train?epochs=3");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(text(response), R"({"message":"full"})");
}

TEST_F(DeepaasV1, TheAdminSeesEveryModelAndOthersSeeNothing) {
  registry_.add(v1_demo_model());
  hosting::Listing broken;
  broken.name = "broken";
  broken.status.state = hosting::State::unavailable;
  broken.status.reason = "no such symbol";
  broken.status.workers = {{.pid = 7, .state = "idle", .calls = 3}};
  registry_.listings.push_back(broken);
  open();
  EXPECT_EQ(
      text(ask("GET", "/v2/berth/models")),
      R"([{"name":"v1demo","version":"1","plugin":"/plugins/v1demo","state":"ready","reason":"",)"
      R"("active":false,"labels":{},"methods":["predict_data","predict_url","train"],"queued":0,"restarts":0,"workers":[]},)"
      R"({"name":"broken","version":"","plugin":"","state":"unavailable","reason":"no such symbol",)"
      R"("active":false,"labels":{},"methods":[],"queued":0,"restarts":0,"workers":[{"pid":7,"state":"idle","calls":3}]}])");
}

}  // namespace
}  // namespace berth::test
