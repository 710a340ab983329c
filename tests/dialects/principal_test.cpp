// SPDX-License-Identifier: Apache-2.0
// Whichever language a call comes in, its caller is whom a version is chosen for.
#include "dialects/fixture.h"

namespace berth::test {
namespace {

constexpr const char* kTensors = R"({"inputs":[{"name":"a","datatype":"INT8","shape":[1],"data":[1]}]})";

// Two versions, of which the registry gives the second to calls that name none.
class Principal : public DialectTest {
 protected:
  void SetUp() override {
    hosting::Description description;
    description.has_predict_data = description.has_train = true;
    description.metadata_json = R"({"name":"m","berth":{"takes_files":false}})";
    description.inputs_json = description.outputs_json = R"([{"name":"a","datatype":"INT8","shape":[1]}])";
    hosting::Source source;
    source.name.assign(1, 'm');
    for (const char version : {'1', '2'}) {
      source.version.assign(1, version);
      registry_.add(std::make_shared<hosting::FakeModel>(
          source, description, [version](hosting::Call call, const hosting::OnOutcome& on_outcome) {
            auto output = hosting::json_output("1");
            if (!call.tensors.empty()) output = {hosting::Output::Kind::tensors, {}, "", "", std::move(call.tensors)};
            on_outcome({std::move(output), {}, std::string(1, version)});
          }));
    }
    registry_.shared_to.assign(1, '2');
    open();
  }

  http::Response call(const std::string& method, const std::string& target, const std::string& body = "") {
    Exchange exchange;
    exchange.method = method;
    exchange.target = target;
    exchange.body = body;
    auto request = to_request(exchange);
    return ask(std::move(request));
  }
  // The call was one by its caller, of `version`, and the version that was chosen answered.
  void expect_chosen(const http::Response& response, const std::string& version, const std::string& answered) {
    EXPECT_EQ(response.status, 200) << response.body.view();
    EXPECT_EQ(header(response, "X-Model-Version"), answered);
    ASSERT_EQ(registry_.choices.size(), 1U);
    EXPECT_EQ(registry_.choices[0].name, "m");
    EXPECT_EQ(registry_.choices[0].version, version);
    EXPECT_EQ(registry_.choices[0].principal, "user 1");
  }
};

TEST_F(Principal, OfADeepaasV1CallIsItsCaller) { expect_chosen(call("POST", "/models/m/predict"), "", "2"); }

TEST_F(Principal, OfADeepaasV2CallIsItsCaller) { expect_chosen(call("POST", "/v2/models/m/predict/"), "", "2"); }

TEST_F(Principal, OfAnOpenInferenceCallIsItsCaller) {
  expect_chosen(call("POST", "/v2/models/m/infer", kTensors), "", "2");
}

TEST_F(Principal, WhoMayNotPredictIsRefusedInEachLanguage) {
  caller_ = std::make_shared<const identity::Principal>(identity::Principal{.role = identity::Role::viewer});
  for (const auto* path : {"/models/m/predict", "/v2/models/m/predict/", "/v2/models/m/infer"}) {
    const auto refused = call("POST", path, kTensors);
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_NE(refused.body.view().find("the right to predict is needed"), std::string_view::npos) << path;
  }
  EXPECT_EQ(call("POST", "/v2/models/m/train/").status, 403);
  EXPECT_EQ(call("PUT", "/models/m/train").status, 403);
  EXPECT_TRUE(registry_.choices.empty());
  EXPECT_EQ(call("POST", "/v2/models/nobody/predict/").status, 404) << "from what is not there nobody is kept";
}

TEST_F(Principal, NamesAVersionWhereThePathHasOne) {
  expect_chosen(call("POST", "/v2/models/m/versions/1/infer", kTensors), "1", "1");
}

TEST_F(Principal, HasNoShareInWhatIsNoPrediction) {
  for (const auto* path : {"/v2/models/m/", "/models/m/", "/v2/models/m/ready", "/v2/models/m/stats", "/v2/models/",
                           "/v2/models/m/versions/2", "/v2/models/m/train/"}) {
    EXPECT_EQ(call("GET", path).status, 200) << path;
  }
  EXPECT_TRUE(registry_.choices.empty()) << registry_.choices.size();
}

}  // namespace
}  // namespace berth::test
