// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol against the real server, with requests as Triton's HTTP client writes them.
#include <cmath>
#include <cstring>
#include <map>

#include "fixtures.h"

namespace berth::test {
namespace {

struct Sent {
  std::string name, shape, datatype, bytes;
};

template <class T>
std::string raw(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
std::string raw_texts(const std::vector<std::string>& texts) {
  std::string bytes;
  for (const auto& text : texts) bytes += raw(std::vector{static_cast<std::uint32_t>(text.size())}) + text;
  return bytes;
}

// As tritonclient.http: members in this order, all inputs binary, no content type, outputs binary unless named.
std::string triton_json(const std::vector<Sent>& inputs, const std::string& outputs) {
  std::string json = R"({"id": "42", "inputs": [)";
  for (const auto& input : inputs) {
    json += std::string(json.back() == '}' ? ", " : "") + R"({"name": ")" + input.name + R"(", "shape": )" +
            input.shape + R"(, "datatype": ")" + input.datatype + R"(", "parameters": {"binary_data_size": )" +
            std::to_string(input.bytes.size()) + "}}";
  }
  json += "]";
  return json +
         (outputs.empty() ? R"(, "parameters": {"binary_data_output": true}})" : R"(, "outputs": )" + outputs + "}");
}
HttpAnswer triton_infer(HttpClient& client, const std::string& target, const std::vector<Sent>& inputs,
                        const std::string& outputs = "") {
  const auto json = triton_json(inputs, outputs);
  auto body = json;
  for (const auto& input : inputs) body += input.bytes;
  return client.send("POST", target, {{"Inference-Header-Content-Length", std::to_string(json.size())}}, body);
}

struct Received {
  json::Document document;
  std::map<std::string, std::string> bytes;  // by output, of the binary ones
};
Received triton_read(const HttpAnswer& answer) {
  Received received;
  const auto header = answer.header("inference-header-content-length");
  const auto length = header.empty() ? answer.body.size() : std::stoul(header);
  auto document = json::parse(std::string_view(answer.body).substr(0, length));
  EXPECT_TRUE(document) << answer.status << " " << answer.body.substr(0, 500);
  if (!document) return received;
  received.document = std::move(*document);
  auto rest = std::string_view(answer.body).substr(length);
  const auto* outputs = json::find(received.document, "outputs");
  if (outputs == nullptr) return received;
  for (const auto& output : outputs->GetArray()) {
    const auto* parameters = json::find(output, "parameters");
    if (parameters == nullptr) continue;
    const auto size = (*parameters)["binary_data_size"].GetUint64();
    received.bytes[text_at(output, "name")] = rest.substr(0, size);
    rest.remove_prefix(size);
  }
  EXPECT_TRUE(rest.empty());
  return received;
}

TEST(OpenInferenceServer, GivesBackEveryDatatypeBitForBit) {
  const ServerProcess server({.plugins = {fake("tensors")}});
  auto client = server.client();
  EXPECT_EQ(client.get("/v2/health/live").status, 200);
  EXPECT_EQ(client.get("/v2/health/ready").status, 200);
  EXPECT_EQ(client.get("/v2/models/mirror/ready").status, 200);
  const std::string noise = "\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10";
  const std::vector<Sent> inputs = {{"BOOL", "[1, 2]", "BOOL", std::string("\0\1", 2)},
                                    {"UINT8", "[1, 2]", "UINT8", noise.substr(0, 2)},
                                    {"UINT16", "[1, 2]", "UINT16", noise.substr(0, 4)},
                                    {"UINT32", "[1, 2]", "UINT32", noise.substr(0, 8)},
                                    {"UINT64", "[1, 2]", "UINT64", noise},
                                    {"INT8", "[1, 2]", "INT8", noise.substr(0, 2)},
                                    {"INT16", "[1, 2]", "INT16", noise.substr(0, 4)},
                                    {"INT32", "[1, 2]", "INT32", noise.substr(0, 8)},
                                    {"INT64", "[1, 2]", "INT64", noise},
                                    {"FP16", "[2, 2]", "FP16", noise.substr(0, 8)},
                                    {"FP32", "[1, 2]", "FP32", noise.substr(0, 8)},
                                    {"FP64", "[1, 2]", "FP64", noise},
                                    {"BYTES", "[3]", "BYTES", raw_texts({"a", "", noise})}};
  const auto answer = triton_infer(client, "/v2/models/mirror/infer", inputs);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/octet-stream");
  const auto received = triton_read(answer);
  EXPECT_EQ(text_at(received.document, "id"), "42");
  EXPECT_EQ(text_at(received.document, "model_name"), "mirror");
  EXPECT_EQ(received.bytes.size(), inputs.size());
  for (const auto& input : inputs) EXPECT_EQ(received.bytes.at(input.name), input.bytes) << input.name;
}

TEST(OpenInferenceServer, CarriesALargeTensorThere) {
  const ServerProcess server({.plugins = {fake("tensors")}});
  auto client = server.client();
  std::vector<float> values(2'000'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 0.5F;
  const auto answer = triton_infer(client, "/v2/models/mirror/infer", {{"FP32", "[1000000, 2]", "FP32", raw(values)}});
  ASSERT_EQ(answer.status, 200) << answer.body.substr(0, 500);
  EXPECT_EQ(triton_read(answer).bytes.at("FP32"), raw(values));
}

TEST(OpenInferenceServer, AddsAndSaysWhatIsWrong) {
  const ServerProcess server({.plugins = {fake("tensors"), plugin("greeter")}});
  auto client = server.client();
  const auto good = client.post_json(
      "/v2/models/adder/versions/1.0/infer",
      R"({"parameters":{"factor":2},"inputs":[{"name":"a","shape":[2],"datatype":"FP32","data":[1,2]},)"
      R"({"name":"b","shape":[2],"datatype":"FP32","data":[10.25,20]}]})");
  EXPECT_EQ(good.body, R"({"model_name":"adder","model_version":"1.0","outputs":[)"
                       R"({"name":"sum","shape":[2],"datatype":"FP32","data":[22.5,44]},)"
                       R"({"name":"count","shape":[1],"datatype":"INT64","data":[2]}]})");
  const auto status = [&](const std::string& model, const std::string& b) {
    return client.post_json("/v2/models/" + model + "/infer",
                            R"({"inputs":[{"name":"a","shape":[2],"datatype":"FP32","data":[1,2]},)" + b + "]}");
  };
  const std::string fine = R"({"name":"b","shape":[2],"datatype":"FP32","data":[1,2]})";
  const auto longer = status("adder", R"({"name":"b","shape":[3],"datatype":"FP32","data":[1,2,3]})");
  EXPECT_EQ(longer.status, 422) << longer.body;
  EXPECT_EQ(longer.body, R"({"error":"'a' and 'b' differ in size"})");
  EXPECT_EQ(status("adder", R"({"name":"c","shape":[2],"datatype":"FP32","data":[1,2]})").status, 400);
  EXPECT_EQ(status("liar", fine).status, 500);
  EXPECT_EQ(status("talker", fine).status, 500);
  EXPECT_EQ(status("greeter", fine).status, 501);
  EXPECT_EQ(status("nobody", fine).status, 404);
}

#ifdef BERTH_WITH_VISION
class DigitsByTensors : public testing::Test {
 protected:
  static std::string sample(int digit) {
    return read_file(std::filesystem::path(BERTH_MODELS_DIR) / "digits" / "samples" /
                     ("digit-" + std::to_string(digit) + ".png"));
  }
  ServerProcess server_{{.plugins = {plugin("image_classifier")}, .models_dir = BERTH_MODELS_DIR}};
  HttpClient client_ = server_.client();
};

TEST_F(DigitsByTensors, DeclaresWhatItTakesAndGives) {
  const auto model = json_of(client_.get("/v2/models/digits"));
  EXPECT_EQ(json::to_text(model["inputs"]), R"([{"name":"image","datatype":"BYTES","shape":[-1]},)"
                                            R"({"name":"pixels","datatype":"FP32","shape":[-1,1,8,8]}])");
  EXPECT_EQ(json::to_text(model["outputs"]), R"([{"name":"probabilities","datatype":"FP32","shape":[-1,10]},)"
                                             R"({"name":"labels","datatype":"BYTES","shape":[-1]}])");
}

TEST_F(DigitsByTensors, ReadsABatchOfEncodedImages) {
  std::vector<std::string> images;
  for (int digit = 0; digit <= 9; ++digit) images.push_back(sample(digit));
  const auto answer = triton_infer(client_, "/v2/models/digits/infer", {{"image", "[10]", "BYTES", raw_texts(images)}},
                                   R"([{"name": "labels", "parameters": {"binary_data": true}}])");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(triton_read(answer).bytes.at("labels"), raw_texts({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  const auto bad =
      triton_infer(client_, "/v2/models/digits/infer", {{"image", "[2]", "BYTES", raw_texts({sample(1), "no image"})}});
  EXPECT_EQ(bad.status, 422);
  EXPECT_NE(bad.body.find("image[1]"), std::string::npos) << bad.body;
}

// A seven in sixteenths of ink, as the data set has it.
constexpr int kSeven[] = {0,  0, 3, 13, 15, 16, 14, 2,  0, 1, 10, 13, 9, 13, 10, 1,  0, 2, 12, 6, 2, 12,
                          4,  0, 0, 1,  5,  3,  6,  12, 3, 0, 0,  0,  2, 11, 15, 15, 8, 1, 0,  0, 3, 14,
                          14, 9, 2, 0,  0,  0,  2,  11, 9, 2, 0,  0,  0, 0,  4,  14, 3, 0, 0,  0};

TEST_F(DigitsByTensors, TakesPixelsAsTheNetworkDoes) {
  std::vector<float> pixels(128, 0.F);
  for (std::size_t i = 0; i < 64; ++i) pixels[i] = static_cast<float>(kSeven[i]) / 16;
  const auto answer =
      triton_infer(client_, "/v2/models/digits/infer", {{"pixels", "[2, 1, 8, 8]", "FP32", raw(pixels)}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto received = triton_read(answer);
  EXPECT_EQ(received.bytes.at("labels").substr(0, 5), raw_texts({"7"}));
  const auto& bytes = received.bytes.at("probabilities");
  ASSERT_EQ(bytes.size(), 20 * sizeof(float));
  std::vector<float> rows(20);
  std::memcpy(rows.data(), bytes.data(), bytes.size());
  for (std::size_t row = 0; row < 2; ++row) {
    float sum = 0;
    for (std::size_t i = 0; i < 10; ++i) sum += rows[row * 10 + i];
    EXPECT_NEAR(sum, 1, 1e-4);
  }
  EXPECT_NE(bytes.substr(0, 40), bytes.substr(40)) << "each image is its own";

  pixels[5] = std::nanf("");
  EXPECT_EQ(triton_infer(client_, "/v2/models/digits/infer", {{"pixels", "[2, 1, 8, 8]", "FP32", raw(pixels)}}).status,
            422);
  EXPECT_EQ(client_.post_json("/v2/models/digits/infer", R"({"inputs":[]})").status, 422);
}
#endif

}  // namespace
}  // namespace berth::test
