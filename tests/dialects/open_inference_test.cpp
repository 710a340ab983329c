// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

constexpr const char* kInputs =
    R"([{"name":"a","datatype":"FP32","shape":[-1,2]},{"name":"s","datatype":"BYTES","shape":[-1],"optional":true},)"
    R"({"name":"h","datatype":"FP16","shape":[1],"optional":true}])";
constexpr const char* kOutputs =
    R"([{"name":"a","datatype":"FP32","shape":[-1,2]},{"name":"n","datatype":"INT64","shape":[2]},)"
    R"({"name":"h","datatype":"FP16","shape":[1]}])";

template <class T>
Bytes raw(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return Bytes(std::move(bytes));
}

class OpenInference : public DialectTest {
 protected:
  void SetUp() override {
    hosting::Description description;
    description.has_predict_data = true;
    description.metadata_json = R"({"name":"M","version":"7.1","platform":"fake","inputs":"mine"})";
    description.test_args_json = R"([{"name":"top_k","type":"int","default":5,"min":1}])";
    description.inputs_json = kInputs;
    description.outputs_json = kOutputs;
    add("m", description, [this](hosting::Call call, hosting::OnOutcome on_outcome) {
      calls_.push_back(std::move(call));
      on_outcome({output_, {}, "1"});
    });
    open();
  }

  // What tritonclient sends: no content type; the length of the JSON where something follows it.
  http::Response infer(const std::string& json, const std::string& binary = "", bool with_header = false,
                       const std::string& target = "/v2/models/m/infer") {
    Exchange exchange;
    exchange.method = "POST";
    exchange.target = target;
    exchange.body = json + binary;
    if (with_header || !binary.empty()) {
      exchange.headers.emplace_back("inference-header-content-length", std::to_string(json.size()));
    }
    return ask(to_request(exchange));
  }
  std::string error_of(const http::Response& response) {
    const auto body = body_of(response);
    const auto* error = json::find(body, "error");
    EXPECT_TRUE(error != nullptr && error->IsString() && body.MemberCount() == 1) << response.body.view();
    return error != nullptr && error->IsString() ? std::string(json::view(*error)) : "";
  }

  static hosting::Output answer() {
    return {hosting::Output::Kind::tensors,
            {},
            "",
            "",
            {{"a", "FP32", {1, 2}, raw<float>({1.5F, -2})},
             {"n", "INT64", {2}, raw<std::int64_t>({INT64_MIN, INT64_MAX})},
             {"h", "FP16", {1}, raw<std::uint16_t>({0x3c00})}}};
  }
  Result<hosting::Output> output_ = answer();
  std::vector<hosting::Call> calls_;
};

constexpr const char* kGood = R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}],)"
                              R"("outputs":[{"name":"a"},{"name":"n"}]})";

TEST_F(OpenInference, TellsHealthAndReadiness) {
  EXPECT_EQ(ask("GET", "/v2/health/live").body.view(), R"({"live":true})");
  EXPECT_EQ(ask("GET", "/v2/health/ready").body.view(), R"({"ready":true})");
  EXPECT_EQ(ask("GET", "/v2/models/m/ready").body.view(), R"({"name":"m","ready":true})");
  EXPECT_EQ(ask("GET", "/v2/models/m/versions/1/ready").body.view(), R"({"name":"m","ready":true})");
  for (const std::string_view reason : {"models", "database"}) {
    not_ready_ = reason;
    const auto waits = ask("GET", "/v2/health/ready");
    EXPECT_EQ(waits.status, 503) << "though every model that is listed is ready";
    EXPECT_EQ(json::text_at(body_of(waits), "reason"), reason);
  }
  not_ready_ = "";
  registry_.listings.push_back({"broken", "1", "", {hosting::State::unavailable, "no weights", {}, 0, 0}, nullptr});
  const auto ready = ask("GET", "/v2/health/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body.view(), R"({"ready":false,"reason":"models"})");
  const auto broken = ask("GET", "/v2/models/broken/ready");
  EXPECT_EQ(broken.status, 503);
  EXPECT_EQ(broken.body.view(), R"({"name":"broken","ready":false})");
}

TEST_F(OpenInference, IsReadyThoughAnotherVersionIsNot) {
  const auto before = registry_.listings;
  for (const auto state : {hosting::State::unavailable, hosting::State::loading, hosting::State::draining}) {
    registry_.listings = before;
    registry_.listings.push_back({"m", "2", "", {state, "", {}, 0, 0}, nullptr});
    EXPECT_EQ(ask("GET", "/v2/health/ready").status, 200) << to_string(state);
  }
  registry_.listings = before;
  registry_.listings.push_back({"resting", "1", "", {hosting::State::unloaded, "", {}, 0, 0}, nullptr});
  EXPECT_EQ(ask("GET", "/v2/health/ready").status, 200) << "nobody wants it";
  registry_.listings.push_back({"resting", "2", "", {hosting::State::unavailable, "no weights", {}, 0, 0}, nullptr});
  EXPECT_EQ(ask("GET", "/v2/health/ready").status, 503) << "somebody wants this one";
}

TEST_F(OpenInference, SaysWhichVersionFailed) {
  EXPECT_EQ(header(infer("{"), "X-Model-Version"), "1");
  EXPECT_EQ(header(infer(R"({"inputs":[]})"), "X-Model-Version"), "1");
  output_ = failure(Code::timeout, "the model took too long");
  const auto late = infer(kGood);
  EXPECT_EQ(late.status, 500);
  EXPECT_EQ(header(late, "X-Model-Version"), "1");
}

TEST_F(OpenInference, DoesNotAskTheModelForWhatJsonCannotSay) {
  const std::string inputs = R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}])";
  for (const auto* outputs :
       {"", R"(,"outputs":[{"name":"h"}])", R"(,"outputs":[{"name":"h","parameters":{"binary_data":false}}])"}) {
    const auto refused = infer(inputs + outputs + "}");
    EXPECT_EQ(refused.status, 400) << outputs;
    EXPECT_THAT(error_of(refused), HasSubstr("'h' holds FP16")) << outputs;
  }
  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(infer(inputs + R"(,"outputs":[{"name":"h","parameters":{"binary_data":true}}]})").status, 200);
}

TEST_F(OpenInference, AServersAndAModelsMetadataServeBothProtocols) {
  for (const auto* target : {"/v2", "/v2/"}) {
    const auto server = body_of(ask("GET", target));
    EXPECT_EQ(json::to_text(server["name"]), R"("berth")");
    EXPECT_EQ(json::to_text(server["id"]), R"("v2")");
    EXPECT_EQ(json::to_text(server["version"]), R"("stable")");
    EXPECT_EQ(json::to_text(server["extensions"]), R"(["binary_tensor_data","model_repository","statistics"])");
  }
  const auto model = body_of(ask("GET", "/v2/models/m"));
  EXPECT_EQ(json::to_text(model["id"]), R"("m")");
  EXPECT_EQ(json::to_text(model["versions"]), R"(["1"])");
  EXPECT_EQ(json::to_text(model["platform"]), R"("fake")");
  EXPECT_EQ(json::to_text(model["version"]), R"("7.1")");
  EXPECT_EQ(json::to_text(model["inputs"][0]), R"({"name":"a","datatype":"FP32","shape":[-1,2]})");
  EXPECT_EQ(model["outputs"].Size(), 3U);
  const auto version = body_of(ask("GET", "/v2/models/m/versions/1"));
  EXPECT_EQ(json::to_text(version["name"]), R"("m")");
  EXPECT_EQ(version.MemberCount(), 5U);
}

TEST_F(OpenInference, AnswersAJsonRequestInJson) {
  const auto response = infer(
      R"({"id":"q7","inputs":[{"name":"a","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]]}],"parameters":{"top_k":2,)"
      R"("sequence_id":9},"outputs":[{"name":"n"},{"name":"a","parameters":{"binary_data":false}}]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(response.body.view(),
            R"({"model_name":"m","model_version":"1","id":"q7","outputs":[{"name":"n","shape":[2],"datatype":"INT64",)"
            R"("data":[-9223372036854775808,9223372036854775807]},)"
            R"({"name":"a","shape":[1,2],"datatype":"FP32","data":[1.5,-2]}]})");
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].args_json, R"({"top_k":2})");
  ASSERT_EQ(calls_[0].tensors.size(), 1U);
  EXPECT_EQ(calls_[0].tensors[0].bytes.view(), raw<float>({1, 2, 3, 4}).view());
  EXPECT_EQ(infer(kGood, "", false, "/v2/models/m/versions/1/infer").status, 200);
}

TEST_F(OpenInference, BinaryTensorsAreSlicesOfTheRequest) {
  const std::string json =
      R"({"inputs":[{"name":"s","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":6}},)"
      R"({"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],)"
      R"("parameters":{"binary_data_output":true}})";
  Exchange exchange;
  exchange.method = "POST";
  exchange.target = "/v2/models/m/infer";
  exchange.headers = {{"inference-header-content-length", std::to_string(json.size())}};
  exchange.body = json + std::string("\2\0\0\0hi", 6) + std::string(raw<float>({8, 9}).view());
  auto request = to_request(exchange);
  const auto* begin = request.body.data();
  const auto* end = begin + request.body.size();
  const auto response = ask(std::move(request));
  ASSERT_EQ(response.status, 200) << response.body.view();
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].tensors[0].bytes.data(), begin + json.size());
  EXPECT_EQ(calls_[0].tensors[1].bytes.data() + 8, end);
  EXPECT_EQ(header(response, "Content-Type"), "application/octet-stream");
  const auto length = std::stoul(header(response, "Inference-Header-Content-Length"));
  const auto body = response.body.view();
  EXPECT_EQ(body.substr(0, length),
            R"({"model_name":"m","model_version":"1","outputs":[{"name":"a","shape":[1,2],"datatype":"FP32",)"
            R"("parameters":{"binary_data_size":8}},{"name":"n","shape":[2],"datatype":"INT64",)"
            R"("parameters":{"binary_data_size":16}},{"name":"h","shape":[1],"datatype":"FP16",)"
            R"("parameters":{"binary_data_size":2}}]})");
  const auto& tensors = answer().tensors;
  EXPECT_EQ(body.substr(length), std::string(tensors[0].bytes.view()) + std::string(tensors[1].bytes.view()) +
                                     std::string(tensors[2].bytes.view()));
}

TEST_F(OpenInference, APerOutputChoiceOfFormWins) {
  const auto response = infer(R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}],)"
                              R"("parameters":{"binary_data_output":true},)"
                              R"("outputs":[{"name":"a","parameters":{"binary_data":false}},{"name":"h"}]})");
  const auto length = std::stoul(header(response, "Inference-Header-Content-Length"));
  EXPECT_THAT(std::string(response.body.view()), HasSubstr(R"("data":[1.5,-2])"));
  EXPECT_EQ(response.body.size() - length, 2U);
}

TEST_F(OpenInference, TakesNoMoreInputsThanAnybodyHas) {
  std::string inputs = "{}";
  for (int i = 0; i < 1024; ++i) inputs.append(",{}");
  const auto response = infer(R"({"inputs":[)" + inputs + "]}");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body.view(), HasSubstr("inputs: more than 1024"));
}

// What clients sent wrong, each with the words that name it.
struct Mistake {
  const char* json;
  const char* complaint;
  const char* binary = "";
};
const Mistake kMistakes[] = {
    {"", "no JSON"},
    {"[1]", "no JSON object"},
    {R"({"inputs":[)", "no JSON"},
    {"{}", "inputs: they are missing"},
    {R"({"inputs":{}})", "inputs: they have to be a list"},
    {R"({"inputs":[7]})", "inputs[0]: it has to be an object"},
    {R"({"id":7,"inputs":[]})", "id: it has to be a text"},
    {R"({"parameters":[],"inputs":[]})", "parameters: they have to be an object"},
    {R"({"parameters":{"binary_data_output":1},"inputs":[]})", "parameters.binary_data_output: "},
    {R"({"inputs":[{"shape":[1,2],"datatype":"FP32","data":[1,2]}]})", "inputs[0].name: it is missing"},
    {R"({"inputs":[{"name":"a","datatype":"FP32","data":[1,2]}]})", "inputs[0].shape: it is missing"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"data":[1,2]}]})", "inputs[0].datatype: it is missing"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32"}]})", "inputs[0].data: it is missing"},
    {R"({"inputs":[{"name":5,"shape":[1,2],"datatype":"FP32","data":[1,2]}]})", "inputs[0].name: it has to be"},
    {R"({"inputs":[{"name":"a","shape":2,"datatype":"FP32","data":[1,2]}]})", "inputs[0].shape: it has to be"},
    {R"({"inputs":[{"name":"a","shape":[1,"2"],"datatype":"FP32","data":[1,2]}]})", "inputs[0].shape: a size"},
    {R"({"inputs":[{"name":"a","shape":[-1,2],"datatype":"FP32","data":[1,2]}]})", "inputs[0].shape: a size"},
    {R"({"inputs":[{"name":"a","shape":[1.5,2],"datatype":"FP32","data":[1,2]}]})", "inputs[0].shape: a size"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP8","data":[1,2]}]})", "inputs[0].datatype: there is no"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":"x"}]})", "inputs[0].data: is no list"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,"x"]}]})", "inputs[0].data: element 1"},
    {R"({"inputs":[{"name":"a","shape":[2,2],"datatype":"FP32","data":[[1,2],[3]]}]})", "inputs[0].data: its lists"},
    {R"({"outputs":[{"name":"a"}],"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1]}]})",
     "input 'a': shape [1,2] asks for 2"},
    {R"({"outputs":[{"name":"a"}],"inputs":[{"name":"a","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]})",
     "input 'a': shape is [1,3]"},
    {R"({"outputs":[{"name":"a"}],"inputs":[{"name":"a","shape":[1,2],"datatype":"FP64","data":[1,2]}]})",
     "input 'a': datatype is 'FP64'"},
    {R"({"outputs":[{"name":"a"}],"inputs":[{"name":"z","shape":[1,2],"datatype":"FP32","data":[1,2]}]})",
     "input 'z': name is not declared"},
    {R"({"outputs":[{"name":"a"}],"inputs":[]})", "input 'a': is missing"},
    {R"({"inputs":[{"name":"h","shape":[1],"datatype":"FP16","data":[1]}]})", "inputs[0].data: FP16 has no JSON form"},
    {R"({"inputs":[],"outputs":{}})", "outputs: they have to be a list"},
    {R"({"inputs":[],"outputs":[{}]})", "outputs[0].name: it is missing"},
    {R"({"inputs":[],"outputs":[{"name":"zz"}]})", "outputs[0].name: the model has no output 'zz'"},
    {R"({"inputs":[],"outputs":[{"name":"n"},{"name":"n"}]})", "outputs[1].name: 'n' is asked for twice"},
    {R"({"inputs":[],"outputs":[{"name":"n","parameters":{"binary_data":"yes"}}]})",
     "outputs[0].parameters.binary_data: it has to be true or false"},
    {R"({"outputs":[{"name":"a"}],"parameters":{"top_k":0},"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}]})",
     "parameters.top_k: Must be greater"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}}]})",
     "inputs[0].data: it is there, and", "12345678"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":"8"}}]})",
     "inputs[0].parameters.binary_data_size: it has to be a number", "12345678"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":9}}]})",
     "inputs[0].parameters.binary_data_size: it says 9, but only 8", "12345678"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]})",
     "inputs: 1 byte(s) at the end", "123456789"},
    {R"({"outputs":[{"name":"a"}],"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":7}}]})",
     "input 'a': data has 7 bytes", "1234567"},
    {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]})",
     "only 0 byte(s) of the body"},
};

TEST_F(OpenInference, EveryMistakeIsNamed) {
  for (const auto& [json, complaint, binary] : kMistakes) {
    const auto response = infer(json, binary);
    EXPECT_EQ(response.status, 400) << json;
    EXPECT_THAT(error_of(response), HasSubstr(complaint)) << json;
  }
  EXPECT_TRUE(calls_.empty());
}

// As many as the bounds on a body let through: an I/O thread reads them.
TEST_F(OpenInference, HundredsOfThousandsOfOutputsTakeNoLongTime) {
  std::string json = R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}],"outputs":[)";
  for (int i = 0; i < 400'000; ++i) json.append(R"({"name":")").append(std::to_string(i)).append("\"},");
  json.back() = ']';
  const auto response = infer(json + "}");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(error_of(response), HasSubstr("outputs[0].name: the model has no output '0'"));
}

TEST_F(OpenInference, ABadLengthOfTheJsonIsNamed) {
  for (const auto* length : {"", "x", "-1", "10 ", "1e1", "0x10", "99999", "99999999999999999999999"}) {
    Exchange exchange;
    exchange.method = "POST";
    exchange.target = "/v2/models/m/infer";
    exchange.headers = {{"inference-header-content-length", length}};
    exchange.body = kGood;
    const auto response = ask(to_request(exchange));
    EXPECT_EQ(response.status, 400) << length;
    EXPECT_THAT(error_of(response), HasSubstr("Inference-Header-Content-Length")) << length;
  }
}

TEST_F(OpenInference, WhatIsNotThereIs404And405InItsOwnForm) {
  for (const auto* target : {"/v2/models/zz/infer", "/v2/models/m/versions/9/infer"}) {
    const auto response = infer(kGood, "", false, target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_FALSE(error_of(response).empty());
  }
  for (const auto* target :
       {"/v2/models/zz/ready", "/v2/models/m/versions/9", "/v2/models/m/versions/9/ready",
        "/v2/models/m/versions/1/nothing", "/v2/models/m/infer/x", "/v2/health/x", "/v2/models/m/config",
        "/v2/models/m/versions/1/config", "/v2/models/m/trace/setting", "/v2/trace/setting", "/v2/logging",
        "/v2/systemsharedmemory/status", "/v2/cudasharedmemory/status", "/v2/models/m/generate"}) {
    const auto response = ask("GET", target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_FALSE(error_of(response).empty());
  }
  const auto get = ask("GET", "/v2/models/m/infer");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(header(get, "Allow"), "POST");
  EXPECT_FALSE(error_of(get).empty());
  EXPECT_EQ(error_of(ask("POST", "/v2/health/live")).empty(), false);
  EXPECT_EQ(ask("GET", "/v2/models/zz/infer").status, 404);
}

TEST_F(OpenInference, WhatIsNotSupportedIs501) {
  hosting::Description description;
  description.has_predict_data = true;
  add("files_only", description, [](hosting::Call, const hosting::OnOutcome&) { FAIL() << "it was called"; });
  EXPECT_EQ(infer(kGood, "", false, "/v2/models/files_only/infer").status, 501);
  for (const auto* json :
       {R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"shared_memory_region":"r"}}]})",
        R"({"inputs":[],"outputs":[{"name":"a","parameters":{"classification":3}}]})"}) {
    const auto response = infer(json);
    EXPECT_EQ(response.status, 501);
    EXPECT_THAT(error_of(response), HasSubstr("extension"));
  }
}

TEST_F(OpenInference, TheModelsFailuresKeepTheirKind) {
  const auto status = [&](Error error) {
    output_ = failure(std::move(error));
    const auto response = infer(kGood);
    EXPECT_FALSE(error_of(response).empty());
    return response.status;
  };
  EXPECT_EQ(status({Code::internal, "secret"}), 500);
  EXPECT_EQ(status({Code::timeout, "too slow"}), 500);
  EXPECT_EQ(status({Code::busy, "full"}), 503);
  EXPECT_EQ(status({Code::unavailable, "gone"}), 503);
  EXPECT_EQ(status({Code::invalid_argument, "no face", "", 422}), 422);
  output_ = failure(Code::internal, "secret");
  EXPECT_THAT(error_of(infer(kGood)), testing::Not(HasSubstr("secret")));
}

TEST_F(OpenInference, AnAnswerThatIsNotAsDeclaredIs500) {
  output_->tensors[1].shape = {1};
  EXPECT_EQ(infer(kGood).status, 500);
  output_ = hosting::json_output("1");
  EXPECT_EQ(infer(kGood).status, 500);
  output_ = answer();
  EXPECT_EQ(infer(kGood).status, 200);
}

TEST_F(OpenInference, WhatJsonCannotSayHasToBeAskedForInBinary) {
  const auto response = infer(R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(error_of(response), HasSubstr("outputs: 'h' holds FP16"));
  output_->tensors[0].bytes = raw<float>({std::numeric_limits<float>::quiet_NaN(), 1});
  EXPECT_THAT(std::string(infer(kGood).body.view()), HasSubstr(R"("data":[null,1])"));
}

TEST_F(OpenInference, NullIsAsGoodAsAbsent) {
  const auto response = infer(R"({"id":null,"parameters":null,"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32",)"
                              R"("parameters":null,"data":[1,2]}],"outputs":[{"name":"n","parameters":null}]})");
  EXPECT_EQ(response.status, 200) << response.body.view();
}

// As KServe's client writes it.
TEST_F(OpenInference, NullDataIsAsGoodAsAbsentWhereThereIsBinaryData) {
  const auto input = [](const std::string& rest) {
    return R"({"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32",)" + rest + R"(}],"outputs":[{"name":"n"}]})";
  };
  const std::string binary(raw<float>({1, 2}).view());
  for (const auto* rest :
       {R"("data":null,"parameters":{"binary_data_size":8})", R"("parameters":{"binary_data_size":8},"data":null)"}) {
    const auto response = infer(input(rest), binary);
    EXPECT_EQ(response.status, 200) << response.body.view();
    ASSERT_FALSE(calls_.empty());
    EXPECT_EQ(calls_.back().tensors[0].bytes.view(), binary);
  }
  EXPECT_THAT(error_of(infer(input(R"("data":null)"))), HasSubstr("inputs[0].data: it is missing"));
  for (const auto* twice :
       {R"("data":null,"data":[1,2])", R"("data":[1,2],"data":null)", R"("data":null,"data":null)"}) {
    EXPECT_THAT(error_of(infer(input(twice))), HasSubstr("inputs[0].data: is there twice")) << twice;
  }
}

TEST(OpenInferenceAlone, ServesTheSharedPathsItself) {
  hosting::FakeRegistry registry;
  training::Trainings trainings{registry, training::make_memory_journal(), {}};
  core::Service service{registry, trainings};
  const auto caller = std::make_shared<const identity::Principal>();
  http::Router router("", guard_that_takes_all_for(caller));
  dialects::add_open_inference(router, service, {.has_deepaas_v2 = false});
  const auto body = [&](const char* target) {
    Exchange exchange;
    exchange.method = "GET";
    exchange.target = target;
    std::vector<http::Response> answers;
    router.dispatch(to_request(exchange), http::Reply(std::make_unique<CapturingSink>(answers)));
    return std::string(answers.at(0).body.view());
  };
  EXPECT_THAT(body("/v2"), HasSubstr(R"({"name":"berth","version":")"));
  EXPECT_THAT(body("/v2/models/zz"), HasSubstr(R"({"error":")"));
  EXPECT_THAT(body("/v2/zz"), HasSubstr(R"({"error":")"));
}

}  // namespace
}  // namespace berth::test
