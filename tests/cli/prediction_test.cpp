// SPDX-License-Identifier: Apache-2.0
#include "cli/prediction.h"

#include <gmock/gmock.h>

#include "support/temp_folder.h"

namespace berth::cli {
namespace {

using testing::HasSubstr;

Answer json_answer(std::string body, long status = 200) { return {status, "application/json", std::move(body)}; }

TEST(Prediction, IsShownWithoutItsEnvelope) {
  EXPECT_EQ(readable(json_answer(R"({"status":"OK","predictions":{"label":"7"}})")), "{\n  \"label\": \"7\"\n}");
  EXPECT_EQ(readable(json_answer(R"({"status":"OK","predictions":"Hello"})")), "Hello");
  EXPECT_EQ(readable(json_answer(R"({"label":"7"})")), "{\n  \"label\": \"7\"\n}");
  EXPECT_EQ(readable({200, "text/plain", "as it is"}), "as it is");
  EXPECT_EQ(readable(json_answer("broken {")), "broken {");
}

TEST(Prediction, ExplainsAFailure) {
  EXPECT_EQ(explain_failure(json_answer(R"({"name":["Missing"]})", 422), "greeter"),
            "greeter: status 422\n{\n  \"name\": [\n    \"Missing\"\n  ]\n}");
  EXPECT_EQ(explain_failure({404, "text/plain; charset=utf-8", "404: Not Found"}, "m"),
            "m: status 404\n404: Not Found");
  EXPECT_EQ(explain_failure({502, "image/png", "\x89PNG"}, "m"), "m: status 502");
}

TEST(Prediction, GoesToAFileAsItCame) {
  const test::TempFolder folder;
  const auto file = folder / "answer.bin";
  ASSERT_TRUE(print_prediction({200, "image/png", std::string("\x89PNG\0x", 6)}, "m", {.output_file = file.string()}));
  EXPECT_EQ(test::read_file(file), std::string("\x89PNG\0x", 6));
  const auto refused = print_prediction({200, "image/png", "x"}, "m", {.output_file = (folder / "no/where").string()});
  EXPECT_THAT(refused.error().message, HasSubstr("cannot write"));
}

TEST(Prediction, IsPrintedRawWithJson) {
  const std::string body = R"({"status":"OK","predictions":1})";
  testing::internal::CaptureStdout();
  ASSERT_TRUE(print_prediction(json_answer(body), "m", {.json = true}));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), body + "\n");
}

}  // namespace
}  // namespace berth::cli
