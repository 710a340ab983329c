// SPDX-License-Identifier: Apache-2.0
// A classifier's client against the real server and a real model, in the package format that it knows.
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "fixtures.h"

namespace berth::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKey = "the secret of the classifier's clients";

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 8U | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) text += i + j > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * j) & 63U];
  }
  return text;
}

// A BMP of one grey, 200 times 120: larger than the network's input.
std::string large_image() {
  constexpr std::uint32_t kWidth = 200, kHeight = 120, kHead = 54;
  std::string bytes("BM");
  const auto number = [&bytes](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xffU);
  };
  number(kHead + kWidth * kHeight * 3, 4);
  number(0, 4);
  number(kHead, 4);
  number(40, 4);
  number(kWidth, 4);
  number(kHeight, 4);
  number(1, 2);
  number(24, 2);
  for (int i = 0; i < 6; ++i) number(0, 4);
  return bytes.append(kWidth * kHeight * 3, 'x');
}

class ClassifierServer : public testing::Test {
 protected:
  ClassifierServer() {
    ::setenv("X_API_KEY", kKey, 1);
    const auto digits = fs::path(BERTH_MODELS_DIR) / "digits";
    models_.write("digits_v0/1/digits_v0.pt", read_file(digits / "1" / "model.pt"));
    models_.write("digits_v0/1/model.yaml", "plugin: image_classifier\nconfig: digits_v0_config.json\n");
    models_.write("digits_v0/1/digits_v0_config.json",
                  R"({"model_name":"digits_v0","img_preproc_type":"normalize_and_pad","output_postproc_type":"argmax",
                      "image_preproc_config":{"input_shape":[8,8,1],"normalization_factor":255},
                      "output_config":{"output_classes":["0","1","2","3","4","5","6","7","8","9"]}})");
    server_.emplace(ServerProcess::Options{.plugins = {plugin("image_classifier")},
                                           .models_dir = models_.path(),
                                           .config = "classifier: {enabled: true}\n"});
    client_.emplace(server_->client());
    client_->show_key(kKey);
  }
  ~ClassifierServer() override { ::unsetenv("X_API_KEY"); }

  static std::string sample(int digit) {
    return read_file(fs::path(BERTH_MODELS_DIR) / "digits" / "samples" / ("digit-" + std::to_string(digit) + ".png"));
  }
  static std::string image(int id, const std::string& bytes) {
    return R"({"image_id":)" + std::to_string(id) + R"(,"img_base64":")" + base64_of(bytes) + R"("})";
  }
  HttpAnswer predict(const std::string& images) {
    return client_->post_json("/classifier/predictions", R"({"images":[)" + images + "]}");
  }

  HttpAnswer change(const std::string& model) {
    return client_->send("PUT", "/classifier/prediction-service/" + model);
  }

  TempFolder models_;
  std::optional<ServerProcess> server_;
  std::optional<HttpClient> client_;
};

TEST_F(ClassifierServer, ServesItsClients) {
  EXPECT_EQ(predict(image(0, sample(7))).status, 422) << "no model is active yet";
  const auto changed = change("digits_v0");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, R"({"code":200,"response":"Changed model to digits_v0"})");
  const auto answer = predict(image(5, sample(7)) + "," + image(3, sample(1)));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto document = json_of(answer);
  EXPECT_EQ(text_at(document["response"], "model"), "digits_v0");
  const auto& results = document["response"]["results"];
  ASSERT_EQ(results.Size(), 2U);
  EXPECT_EQ(results[0]["image_id"].GetInt(), 5);
  EXPECT_EQ(text_at(results[0], "label"), "7");
  EXPECT_GT(results[0]["max_score"].GetDouble(), 1.5) << "as the network gives it";
  EXPECT_EQ(results[1]["image_id"].GetInt(), 3);
  EXPECT_EQ(text_at(results[1], "label"), "1");
}

TEST_F(ClassifierServer, ShrinksAnImageThatIsLargerThanTheInput) {
  ASSERT_EQ(change("digits_v0").status, 200);
  const auto answer = predict(image(0, large_image()));
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(ClassifierServer, NamesTheImageThatIsNone) {
  ASSERT_EQ(change("digits_v0").status, 200);
  const auto answer = predict(image(1, sample(1)) + "," + image(42, "hello"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(text_at(json_of(answer), "detail").find("'image_id 42': not an image"), std::string::npos) << answer.body;
}

TEST_F(ClassifierServer, KeepsTheOldModelWhereANewOneCannotBeHad) {
  ASSERT_EQ(change("digits_v0").status, 200);
  models_.write("broken/1/model.yaml", "plugin: image_classifier\nconfig: broken_config.json\n");
  EXPECT_EQ(change("nowhere").status, 404);
  const auto broken = change("broken");
  EXPECT_EQ(broken.status, 422) << broken.body;
  EXPECT_NE(broken.body.find("broken_config.json"), std::string::npos) << "says what is missing: " << broken.body;
  EXPECT_EQ(predict(image(0, sample(7))).status, 200);
}

TEST_F(ClassifierServer, PutsItsCallsOnRecord) {
  ASSERT_EQ(change("digits_v0").status, 200);
  ASSERT_EQ(predict(image(5, sample(7))).status, 200);
  auto admin = server_->admin();
  HttpAnswer listed;
  do {  // they are kept soon after the answer
    listed = admin.get("/v2/berth/records?model=digits_v0");
    ASSERT_EQ(listed.status, 200) << listed.body;
  } while (json_of(listed)["records"].Empty());
  const auto document = json_of(listed);
  const auto& kept = document["records"][0];
  EXPECT_EQ(text_at(kept, "dialect"), "classifier");
  EXPECT_EQ(text_at(kept, "version"), "1");
  EXPECT_NE(listed.body.find("\"bytes\":" + std::to_string(sample(7).size())), std::string::npos) << listed.body;
}

TEST_F(ClassifierServer, TakesTheServersOwnKeysToo) {
  client_->show_key(server_->admin_key());
  EXPECT_EQ(change("digits_v0").status, 200);
  EXPECT_EQ(predict(image(0, sample(7))).status, 200);
  client_->show_key("another");
  const auto wrong = predict(image(0, sample(7)));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, R"({"detail":"wrong api key"})");
  EXPECT_EQ(wrong.header("www-authenticate"), "Bearer");
  client_->show_key("");
  EXPECT_EQ(predict(image(0, sample(7))).body, R"({"detail":"Not authenticated"})");
}

TEST(ClassifierOfAServer, IsNotThereUnlessItIsSwitchedOn) {
  ::setenv("X_API_KEY", kKey, 1);
  const ServerProcess server({.plugins = {fake("echo")}});
  ::unsetenv("X_API_KEY");
  auto client = server.client();
  client.show_key(kKey);
  EXPECT_EQ(client.post_json("/classifier/predictions", "{}").status, 404);
  EXPECT_EQ(client.post_json("/v2/models/echo/predict", "{}").status, 401) << "nor does its key count";
}

}  // namespace
}  // namespace berth::test
