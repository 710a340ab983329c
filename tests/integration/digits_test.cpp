// SPDX-License-Identifier: Apache-2.0
// A real model on real images, all the way: upload, worker, LibTorch, answer.
#include <signal.h>

#include "fixtures.h"
#include "http/local_server.h"
#include "support/command.h"

namespace berth::test {
namespace {

std::filesystem::path sample_file(int digit) {
  return std::filesystem::path(BERTH_MODELS_DIR) / "digits" / "samples" / ("digit-" + std::to_string(digit) + ".png");
}
std::string best_label(const json::Value& prediction) { return text_at(prediction["labels"][0], "label"); }

class DigitsTest : public testing::Test {
 protected:
  static FormPart image(int digit) {
    return {.name = "data",
            .content = read_file(sample_file(digit)),
            .file_name = "digit-" + std::to_string(digit) + ".png",
            .content_type = "image/png"};
  }

  ServerProcess server_{{.plugins = {plugin("image_classifier")}, .models_dir = BERTH_MODELS_DIR}};
  HttpClient client_ = server_.client();
};

TEST_F(DigitsTest, ReadsEachHeldOutSample) {
  for (int digit = 0; digit <= 9; ++digit) {
    const auto answer = upload(client_, "/v2/models/digits/predict", {image(digit)});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(best_label(json_of(answer)["predictions"][0]), std::to_string(digit)) << answer.body;
  }
}

TEST_F(DigitsTest, AnswersV1TheSameWay) {
  const auto answer = upload(client_, "/models/digits/predict", {image(7)});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(best_label(json_of(answer)["predictions"][0]), "7");
}

TEST_F(DigitsTest, TakesSeveralImagesInOneRequestAndHonoursItsArguments) {
  const auto answer = upload(client_, "/v2/models/digits/predict?top_k=2", {image(1), image(4), image(9)});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto document = json_of(answer);
  const auto& predictions = document["predictions"];
  ASSERT_EQ(predictions.Size(), 3u);
  EXPECT_EQ(best_label(predictions[0]), "1");
  EXPECT_EQ(best_label(predictions[1]), "4");
  EXPECT_EQ(best_label(predictions[2]), "9");
  EXPECT_EQ(predictions[0]["labels"].Size(), 2u);
}

TEST_F(DigitsTest, NamesTheFileThatIsNoImage) {
  const auto answer =
      upload(client_, "/v2/models/digits/predict", {{.name = "data", .content = "hello", .file_name = "note.txt"}});
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(answer.body.find("note.txt"), std::string::npos) << answer.body;
}

TEST_F(DigitsTest, RefusesArgumentsOutOfRangeAndFetchesFromInside) {
  EXPECT_EQ(upload(client_, "/v2/models/digits/predict?top_k=0", {image(1)}).status, 422);
  const auto inside = client_.post_json("/v2/models/digits/predict", R"({"urls":["http://127.0.0.1:1/x.png"]})");
  EXPECT_EQ(inside.status, 403) << inside.body;
}

TEST(DigitsPackage, ReadsAnImageThatTheServerFetches) {
  const auto image = read_file(sample_file(3));
  const auto head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: " + std::to_string(image.size());
  const http::LocalServer site([&](const auto& peer) { peer.send(head + "\r\n\r\n" + image); });
  const ServerProcess server({.plugins = {plugin("image_classifier")},
                              .models_dir = BERTH_MODELS_DIR,
                              .config = "fetch: {allow: [\"" + site.address() + "\"]}\n"});
  const auto answer = server.client().send("POST", "/v2/models/digits/predict/?urls=" + site.url("/3.png"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(best_label(json_of(answer)["predictions"][0]), "3") << answer.body;
  EXPECT_EQ(site.connections(), 1);
}

TEST(DigitsPackage, IsAskedAboutAFileWithoutAServer) {
  const TempFolder plugins;
  std::filesystem::create_symlink(plugin("image_classifier"), plugins / "image_classifier.so");
  const auto ended = run((BERTH_PROGRAM " predict digits " + sample_file(3).string())
                             .append(" top_k=1 --models-dir " BERTH_MODELS_DIR " --plugins-dir ")
                             .append(plugins.path().string())
                             .append(" 2>&1"));
  EXPECT_EQ(ended.code, 0) << ended.output;
  EXPECT_NE(ended.output.find(R"("label": "3")"), std::string::npos) << ended.output;
}

TEST(DigitsPackage, DoesNotServeWhereItReadsItsOwnDigitsWrong) {
  const TempFolder models;
  std::filesystem::copy(std::filesystem::path(BERTH_MODELS_DIR) / "digits", models / "digits",
                        std::filesystem::copy_options::recursive);
  models.write("digits/1/labels.txt", "0\n1\n2\n3\n4\n5\n6\n9\n8\n7\n");
  const ServerProcess server({.plugins = {plugin("image_classifier")}, .models_dir = models.path()});
  const auto listed = listing_of(server, "digits");
  EXPECT_EQ(text_at(listed, "state"), "unavailable");
  EXPECT_EQ(text_at(listed, "reason"), "it failed its self-test: the digit 7: expected the label 7, got \"9\"");
}

// The same weights, described as the classifier's packages are; its scores are no probabilities, and are told all the
// same.
TEST(DigitsPackage, IsServedInTheClassifiersFormat) {
  const TempFolder models;
  models.write("digits_v0/1/digits_v0.pt",
               read_file(std::filesystem::path(BERTH_MODELS_DIR) / "digits" / "1" / "model.pt"));
  models.write("digits_v0/1/model.yaml", "plugin: image_classifier\nconfig: digits_v0_config.json\n");
  models.write("digits_v0/1/digits_v0_config.json",
               R"({"model_name":"digits_v0","img_preproc_type":"normalize_and_pad","output_postproc_type":"argmax",
                   "image_preproc_config":{"input_shape":[8,8,1],"normalization_factor":255},
                   "output_config":{"output_classes":["0","1","2","3","4","5","6","7","8","9"]}})");
  const ServerProcess server({.plugins = {plugin("image_classifier")}, .models_dir = models.path()});
  auto client = server.client();
  const auto answer = upload(
      client, "/v2/models/digits_v0/predict?top_k=1",
      {{.name = "data", .content = read_file(sample_file(7)), .file_name = "7.png", .content_type = "image/png"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto document = json_of(answer);
  const auto& best = document["predictions"][0]["labels"][0];
  EXPECT_EQ(text_at(best, "label"), "7");
  EXPECT_GT(best["probability"].GetDouble(), 1.5);
}

TEST_F(DigitsTest, ReadsOnAfterItsWorkerCrashed) {
  const auto worker_pid = [this] {
    const auto entry = listing_of(server_, "digits");
    const auto* workers = json::find(entry, "workers");
    return workers != nullptr && !workers->Empty() ? static_cast<pid_t>((*workers)[0]["pid"].GetInt()) : 0;
  };
  const auto crashed = worker_pid();
  ASSERT_GT(crashed, 0);
  ASSERT_EQ(::kill(crashed, SIGSEGV), 0);
  for (const int digit : {7, 3}) {  // the first may have been on its way to the worker that is gone
    const auto answer = upload(client_, "/v2/models/digits/predict", {image(digit)});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(best_label(json_of(answer)["predictions"][0]), std::to_string(digit));
  }
  EXPECT_NE(worker_pid(), crashed);
  EXPECT_EQ(listing_of(server_, "digits")["restarts"].GetUint(), 1U);
}

TEST_F(DigitsTest, TellsItsAccuracy) {
  const auto metadata = json_of(client_.get("/v2/models/digits"));
  ASSERT_NE(json::find(metadata, "accuracy"), nullptr);
  EXPECT_GE(metadata["accuracy"].GetDouble(), 0.97);
}

}  // namespace
}  // namespace berth::test
