// SPDX-License-Identifier: Apache-2.0
#include "dialects/raw_predictions.h"

#include <gtest/gtest.h>

#include "core/fake_hosting.h"

namespace berth::dialects {
namespace {

// "detection", or what is wrong: "[\"body\",\"x\"] message".
std::string checked(const std::string& text) {
  const auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  BodyErrors errors;
  const auto kind = check_raw_predictions(*value, BodyPlace().at("x"), errors);
  if (errors.empty()) return std::string(to_string(kind));
  const auto reply = json::parse(errors.reply().body.view());
  const auto& first = (*reply)["detail"][0];
  return json::to_text(first["loc"]) + " " + first["msg"].GetString();
}

std::string of_answer(const std::string& text) {
  const auto raw = raw_predictions_of(hosting::json_output(text));
  return std::string(to_string(raw.kind)) + " " + raw.json;
}

TEST(RawPredictions, AreOfAKindThatTheirMembersTell) {
  EXPECT_EQ(checked(R"({"detection_scores":[0.5,1],"detection_boxes":[[0,0,1,1],[1,2,3.5,4]],
                        "detection_classes":[1,"cat"]})"),
            "detection");
  EXPECT_EQ(checked(R"({"detection_scores":[0],"detection_classes":["cat"]})"), "classification");
  EXPECT_EQ(checked(R"({"detection_scores":[],"detection_classes":[]})"), "classification");
  EXPECT_EQ(checked(R"({"keypoints":[1]})"), "unclassified");
  EXPECT_EQ(checked("{}"), "unclassified");
}

TEST(RawPredictions, AreRefusedByTheNameOfTheMember) {
  EXPECT_EQ(checked("[]"), R"(["body","x"] value is not a valid dict)");
  EXPECT_EQ(checked(R"({"detection_scores":[1]})"), R"(["body","x","detection_classes"] field required)");
  EXPECT_EQ(checked(R"({"detection_boxes":[],"detection_classes":[]})"),
            R"(["body","x","detection_scores"] field required)");
  EXPECT_EQ(checked(R"({"detection_scores":{},"detection_classes":[]})"),
            R"(["body","x","detection_scores"] value is not a valid list)");
  EXPECT_EQ(checked(R"({"detection_scores":["1"],"detection_classes":[1]})"),
            R"(["body","x","detection_scores",0] value is not a valid float)");
  for (const auto* score : {"1.01", "-0.1", "7"}) {
    EXPECT_EQ(checked(std::string(R"({"detection_scores":[0,)") + score + R"(],"detection_classes":[1,2]})"),
              R"(["body","x","detection_scores",1] a score is a number from 0 to 1)");
  }
  EXPECT_EQ(checked(R"({"detection_scores":[0,1],"detection_classes":[1]})"),
            R"(["body","x","detection_classes"] as many are needed as there are detection_scores: 2)");
  EXPECT_EQ(checked(R"({"detection_scores":[0],"detection_classes":[1.5]})"),
            R"(["body","x","detection_classes",0] a class is an integer or a name)");
  for (const auto* box : {"[1,2,3]", "[1,2,3,4,5]", R"([1,2,3,"4"])", "1"}) {
    EXPECT_EQ(
        checked(std::string(R"({"detection_scores":[0],"detection_classes":[1],"detection_boxes":[)") + box + "]}"),
        R"(["body","x","detection_boxes",0] a box is four numbers: y1, x1, y2, x2)");
  }
  EXPECT_EQ(checked(R"({"detection_scores":[0],"detection_classes":[1],"detection_boxes":[]})"),
            R"(["body","x","detection_boxes"] as many are needed as there are detection_scores: 1)");
}

TEST(RawPredictions, AreMadeOfAnImageClassifiersLabels) {
  EXPECT_EQ(of_answer(R"({"status":"OK","predictions":[{"file":"f","labels":[{"label":"cat","probability":0.9},
                                                                            {"label":"dog","probability":0.1}]}]})"),
            R"(classification {"detection_scores":[0.9,0.1],"detection_classes":["cat","dog"]})");
}

TEST(RawPredictions, PassAModelsOwnAsTheyAre) {
  const std::string own =
      R"({"detection_scores":[0.5],"detection_boxes":[[0,0,1,1]],"detection_classes":[1],"more":2})";
  EXPECT_EQ(of_answer(own), "detection " + own);
  EXPECT_EQ(of_answer(R"({"predictions":)" + own + "}"), "detection " + own);
  EXPECT_EQ(of_answer(R"({"predictions":[)" + own + "]}"), "detection " + own);
}

TEST(RawPredictions, AreUnclassifiedOfAnyOtherAnswer) {
  EXPECT_EQ(of_answer(R"({"detection_scores":[5]})"), R"(unclassified {"detection_scores":[5]})");
  EXPECT_EQ(of_answer(R"({"sum":5})"), R"(unclassified {"sum":5})");
  EXPECT_EQ(of_answer("[1,2]"), R"(unclassified {"output":[1,2]})");
  EXPECT_EQ(raw_predictions_of(hosting::text_output("hello")).json, R"({"output":"hello"})");
  EXPECT_EQ(raw_predictions_of(hosting::file_output("image/png", "x")).json, R"({"content_type":"image/png"})");
}

}  // namespace
}  // namespace berth::dialects
