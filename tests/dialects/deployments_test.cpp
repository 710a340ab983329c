// SPDX-License-Identifier: Apache-2.0
// Each line of the contract of deployments, against models that a test answers for.
#include "dialects/deployments.h"

#include <vector>

#include "base/text.h"
#include "dialects/deployments_fixture.h"

namespace berth::test {
namespace {

TEST_F(DeploymentsTest, PredictsForAnUploadedImage) {
  const auto answer = predict("cats", token("cats", ada_));
  ASSERT_EQ(answer.status, 200) << answer.body.view();
  const auto body = body_of(answer);
  EXPECT_EQ(json::to_text(body["raw_predictions"]), R"({"detection_scores":[0.9],"detection_classes":["cat"]})");
  EXPECT_EQ(json::view(body["kind"]), "classification");
  EXPECT_EQ(json::view(body["filename"]), "cat.png");
  EXPECT_EQ(json::view(body["content_type"]), "image/png");
  EXPECT_EQ(body["width"].GetInt(), 300);
  EXPECT_EQ(body["height"].GetInt(), 200);
  EXPECT_GE(body["latency"].GetDouble(), 0);
  EXPECT_EQ(header(answer, "X-Model-Version"), "1");
  ASSERT_EQ(seen_.files.size(), 1U);
  EXPECT_EQ(seen_.files[0].bytes.view(), kPng);
  EXPECT_EQ(seen_.files[0].file_name, "cat.png");
}

TEST_F(DeploymentsTest, TakesTheVersionThatIsChosenForItsCaller) {
  ASSERT_EQ(predict("cats", token("cats", ada_)).status, 200);
  EXPECT_THAT(chosen(), testing::ElementsAre("animals for key 1"));
}

TEST_F(DeploymentsTest, PassesWhatADetectorFoundAsItIs) {
  const std::string found = R"({"detection_scores":[0.5],"detection_boxes":[[0,0.1,1,1]],"detection_classes":[17]})";
  answer_ = hosting::json_output(found);
  const auto body = body_of(predict("cats", token("cats", ada_), "of a size that nobody knows"));
  EXPECT_EQ(json::to_text(body["raw_predictions"]), found);
  EXPECT_EQ(json::view(body["kind"]), "detection");
  EXPECT_TRUE(body["width"].IsNull());
  EXPECT_TRUE(body["height"].IsNull());
}

TEST_F(DeploymentsTest, PredictsNothingWithoutAModel) {
  EXPECT_EQ(said(predict("watched", token("watched", ada_))), R"(404 {"detail":"this deployment serves no model"})");
  EXPECT_EQ(said(predict("lost", token("lost", ada_))), R"(503 {"detail":"The model is not available"})");
}

TEST_F(DeploymentsTest, TellsWhatIsWrongWithAnUpload) {
  const auto good = token("cats", ada_);
  const http::Pairs shown{{"authorization", "Bearer " + good}};
  EXPECT_EQ(said(call("POST", "/api/deployment/cats/predict", {}, shown)),
            R"(422 {"detail":[{"loc":["body","media"],"msg":"field required","type":"value_error.missing"}]})");
  form_ = "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"2.png\"\r\n\r\nx\r\n";
  EXPECT_EQ(predict("cats", good).status, 422) << "two files";
  form_ = "--b\r\nno header\r\n";
  EXPECT_EQ(predict("cats", good).status, 422);
  form_.clear();
  Error error{Code::invalid_argument, "'cat.png': not an image"};
  error.model_status = 422;
  answer_ = tl::unexpected<Error>(error);
  EXPECT_EQ(said(predict("cats", good)), R"(422 {"detail":"'cat.png': not an image"})");
}

TEST_F(DeploymentsTest, PutsAPredictionOnRecordWithItsSourceAndTags) {
  form_ =
      "--b\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\ngate 3\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nnight\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nrain\r\n";
  const auto body = body_of(predict("cats", token("cats", ada_)));
  const auto kept = record(body["id"].GetInt64());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request.user_id, gate_->accounts().user("ada")->id);
  EXPECT_EQ(kept->request.dialect, "deployments");
  EXPECT_EQ(kept->request.deployment, "cats");
  EXPECT_EQ(kept->request.source, "gate 3");
  EXPECT_EQ(kept->request.tags_json, R"(["night","rain"])");
  EXPECT_EQ(kept->request.model, "animals");
  ASSERT_TRUE(kept->response);
  EXPECT_EQ(kept->response->status, "ok");
}

// Each of them wrong for the record, and where that is.
struct WrongNote {
  std::string field, value, place;
};
const std::vector<WrongNote> kWrongNotes{
    {"source", "\xff", R"(["body","source"])"},
    {"source", std::string("a\0b", 3), R"(["body","source"])"},
    {"source", std::string(1025, 's'), R"(["body","source"])"},
    {"tags", "\xc0\xaf", R"(["body","tags",0])"},
    {"tags", std::string(1, '\0'), R"(["body","tags",0])"},
    {"tags", std::string(257, 't'), R"(["body","tags",0])"},
};

TEST_F(DeploymentsTest, NamesTheFieldOfAnUploadThatCannotBePutOnRecord) {
  const auto good = token("cats", ada_);
  const auto part = [](const std::string& field, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value + "\r\n";
  };
  for (const auto& [field, value, place] : kWrongNotes) {
    form_ = part(field, value);
    const auto answer = predict("cats", good);
    ASSERT_EQ(answer.status, 422) << place << answer.body.view();
    EXPECT_EQ(json::to_text(body_of(answer)["detail"][0]["loc"]), place);
  }
  form_ = part("source", std::string(1024, 's'));
  for (int i = 0; i < 64; ++i) form_ += part("tags", std::string(256, 't'));
  EXPECT_EQ(predict("cats", good).status, 200) << "as much as there may be";
  form_ += part("tags", "one more");
  EXPECT_EQ(json::to_text(body_of(predict("cats", good))["detail"][0]["loc"]), R"(["body","tags"])");
}

constexpr const char* kReport =
    R"({"filename":"cat.png","content_type":"image/png","height":200,"width":300,"image":"Y2F0","latency":0.259,)"
    R"("raw_predictions":{"detection_scores":[0.5],"detection_boxes":[[0,0,1,1]],"detection_classes":[17]})";

TEST_F(DeploymentsTest, KeepsWhatAModelElsewherePredicted) {
  const auto answer =
      report("watched", token("watched", ada_), std::string(kReport) + R"(,"source":"gate 3","tags":["night"]})");
  ASSERT_EQ(answer.status, 201) << answer.body.view();
  const auto body = body_of(answer);
  EXPECT_EQ(json::view(body["kind"]), "detection");
  const auto kept = record(body["id"].GetInt64());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request.user_id, gate_->accounts().user("ada")->id);
  EXPECT_EQ(kept->request.deployment, "watched");
  EXPECT_EQ(kept->request.source, "gate 3");
  EXPECT_EQ(kept->request.tags_json, R"(["night"])");
  EXPECT_NE(kept->request.input_json.find("cat.png"), std::string::npos) << kept->request.input_json;
  ASSERT_TRUE(kept->response);
  EXPECT_NE(kept->response->output_json.find(R"("detection_classes":[17])"), std::string::npos);
  EXPECT_EQ(kept->response->compute_us, 259'000);
}

TEST_F(DeploymentsTest, KeepsAnyObjectAndSaysWhatItTakesItFor) {
  const auto good = token("cats", ada_);
  const auto kind = [&](const std::string& raw) {
    const auto answer = report("cats", good,
                               R"({"filename":"f","content_type":"c","height":1,"width":1,"image":"","latency":0,)"
                               R"("raw_predictions":)" +
                                   raw + "}");
    EXPECT_EQ(answer.status, 201) << answer.body.view();
    return std::string(json::view(body_of(answer)["kind"]));
  };
  EXPECT_EQ(kind(R"({"detection_scores":[1],"detection_classes":["cat"]})"), "classification");
  EXPECT_EQ(kind(R"({"keypoints":[]})"), "unclassified");
}

TEST_F(DeploymentsTest, NamesTheMemberOfAReportThatIsWrong) {
  const auto good = token("watched", ada_);
  EXPECT_EQ(body_of(report("watched", good, "{}"))["detail"].Size(), 7U) << "all that is missing";
  const auto wrong = [&](const std::string& from, const std::string& to) {
    auto body = std::string(kReport) + "}";
    body.replace(body.find(from), from.size(), to);
    const auto answer = report("watched", good, body);
    EXPECT_EQ(answer.status, 422) << to << ": " << answer.body.view();
    return json::to_text(body_of(answer)["detail"][0]["loc"]);
  };
  EXPECT_EQ(wrong(R"("cat.png")", "5"), R"(["body","filename"])");
  EXPECT_EQ(wrong(R"("image/png")", "null"), R"(["body","content_type"])");
  EXPECT_EQ(wrong("200", "0"), R"(["body","height"])");
  EXPECT_EQ(wrong("300", "-1"), R"(["body","width"])");
  EXPECT_EQ(wrong(R"("Y2F0")", R"("no-base64")"), R"(["body","image"])");
  EXPECT_EQ(wrong("0.259", "-1"), R"(["body","latency"])");
  EXPECT_EQ(wrong("0.259", "1e300"), R"(["body","latency"])");
  EXPECT_EQ(wrong("0.259", R"(0,"source":5)"), R"(["body","source"])");
  EXPECT_EQ(wrong("0.259", R"(0,"tags":"night")"), R"(["body","tags"])");
  EXPECT_EQ(wrong("0.259", R"(0,"tags":["night",5])"), R"(["body","tags",1])");
  EXPECT_EQ(wrong("[0.5]", "[1.5]"), R"(["body","raw_predictions","detection_scores",0])");
  EXPECT_EQ(wrong("[17]", "[1,2]"), R"(["body","raw_predictions","detection_classes"])");
}

TEST_F(DeploymentsTest, NamesTheMemberOfAReportThatCannotBePutOnRecord) {
  const auto good = token("watched", ada_);
  for (const auto& [field, value, place] : kWrongNotes) {
    if (!is_utf8(value)) continue;  // is no JSON
    const auto quoted = field == "tags" ? "[" + json::quote(value) + "]" : json::quote(value);
    const auto answer = report("watched", good, std::string(kReport) + ",\"" + field + "\":" + quoted + "}");
    ASSERT_EQ(answer.status, 422) << place << answer.body.view();
    EXPECT_EQ(json::to_text(body_of(answer)["detail"][0]["loc"]), place);
  }
  std::string tags = "\"t\"";
  for (int i = 0; i < 64; ++i) tags += ",\"t\"";
  const auto answer = report("watched", good, std::string(kReport) + ",\"tags\":[" + tags + "]}");
  EXPECT_EQ(json::to_text(body_of(answer)["detail"][0]["loc"]), R"(["body","tags"])");
}

TEST_F(DeploymentsTest, TakesReportsOfATokenOfTheDeploymentAlone) {
  const auto good = token("watched", ada_);
  const auto body = std::string(kReport) + "}";
  EXPECT_EQ(report("cats", good, body).status, 403);
  EXPECT_EQ(report("watched", "none", body).status, 401);
  EXPECT_EQ(report("watched", ada_, body).status, 403);
}

TEST_F(DeploymentsTest, SaysSoWhereNothingIsPutOnRecord) {
  mode_ = records::Mode::off;
  EXPECT_EQ(said(report("watched", token("watched", ada_), std::string(kReport) + "}")),
            R"(501 {"detail":"predictions are not put on record here"})");
}

}  // namespace
}  // namespace berth::test
