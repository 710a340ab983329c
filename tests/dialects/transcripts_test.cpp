// SPDX-License-Identifier: Apache-2.0
// Every recorded call of the original servers, against the dialects; where they differ, differences.cpp says why.
#include <fstream>

#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Transcripts : public DialectTest {};

TEST_F(Transcripts, V2ProbeIsAnsweredAsRecorded) {
  registry_.add(probe_model());
  open();
  EXPECT_THAT(replay_file("v2_probe.transcript.txt"), IsEmpty());
}

TEST_F(Transcripts, V2TestModelIsAnsweredAsRecorded) {
  registry_.add(deepaas_test_model());
  open();
  EXPECT_THAT(replay_file("v2_deepaas-test.transcript.txt"), IsEmpty());
}

TEST_F(Transcripts, V1IsAnsweredAsRecorded) {
  registry_.add(v1_demo_model());
  registry_.add(empty_model("deepaas-test"));
  registry_.on_run = [](hosting::FakeRunControl& run) {
    run.finish(hosting::json_output(R"({"seen":)" + run.call.args_json + "}"));
  };
  open();
  EXPECT_THAT(replay_file("v1_transcript.txt"), IsEmpty());
}

TEST_F(Transcripts, AreReadWhole) {
  const std::filesystem::path folder = BERTH_TRANSCRIPTS_DIR;
  const auto count = [&](const char* file) { return read_transcript(folder / file).size(); };
  EXPECT_EQ(count("v1_transcript.txt"), 30U);
  EXPECT_EQ(count("v2_deepaas-test.transcript.txt"), 26U);
  EXPECT_EQ(count("v2_probe.transcript.txt"), 58U);
}

// Without this, a replay that compares nothing would pass.
TEST_F(Transcripts, AWrongAnswerIsNoticed) {
  registry_.add(probe_model());
  open();
  const auto file = std::filesystem::path(BERTH_TRANSCRIPTS_DIR) / "v2_probe.transcript.txt";
  const auto wrong_body = replay(file, deepaas_differences(), [](const Exchange& exchange) {
    return Answer{exchange.status, exchange.content_type, "{}"};
  });
  const std::size_t uncompared = 5;  // three lists of trainings, two images that need only be there
  EXPECT_EQ(wrong_body.size(), read_transcript(file).size() - uncompared);
  const auto without_table = replay(file, {}, [this](const Exchange& exchange) {
    const auto response = ask(to_request(exchange));
    return Answer{response.status, header(response, "Content-Type"), std::string(response.body.view())};
  });
  EXPECT_EQ(without_table.size(), 11U);
  EXPECT_THAT(without_table.front(), HasSubstr("500 Internal Server Error"));
}

TEST_F(Transcripts, EveryDifferenceBelongsToARecordedCallAndSaysWhy) {
  for (const auto& difference : deepaas_differences()) {
    const auto file = std::filesystem::path(BERTH_TRANSCRIPTS_DIR) / difference.transcript;
    const Difference only[] = {difference};
    std::size_t used = 0;
    replay(file, only, [&](const Exchange& exchange) {
      used += exchange.status == difference.status && exchange.answer.value_or("*") == difference.answer ? 1 : 0;
      return Answer{};
    });
    EXPECT_GT(used, 0U) << difference.command;
    EXPECT_FALSE(difference.reason.empty()) << difference.command;
  }
}

}  // namespace
}  // namespace berth::test
