// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol.h"

#include <gtest/gtest.h>

namespace berth::worker {
namespace {

class Protocol : public testing::Test {
 protected:
  std::string memory_ = std::string(1'000'000, '\0');
  Region region_{memory_.data(), memory_.size()};
  Writer writer_;
};

CallView sample(const std::string& large) {
  CallView call;
  call.request_id = "id";
  call.args_json = R"({"a":1})";
  call.files = {{"data", "a.png", "image/png", large}, {"more", "", "", ""}};
  call.urls = {"http://a", "http://b"};
  call.tensors = {{"x", datatype_number("FP32"), {1, 2}, "12345678"}};
  return call;
}

TEST_F(Protocol, ACallArrivesAsItWasSent) {
  const std::string large(100'000, 'l');
  const auto call = sample(large);
  ASSERT_TRUE(write_call(writer_, region_, call));
  EXPECT_LE(region_.used() + writer_.size(), shared_bytes(call));
  Reader reader(writer_.view());
  CallView read;
  ASSERT_TRUE(read_call(reader, region_, read));
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(read.request_id, "id");
  EXPECT_EQ(read.args_json, call.args_json);
  ASSERT_EQ(read.files.size(), 2U);
  EXPECT_TRUE(read.files[0].bytes == large);
  EXPECT_EQ(read.files[0].content_type, "image/png");
  EXPECT_EQ(read.urls, call.urls);
  ASSERT_EQ(read.tensors.size(), 1U);
  EXPECT_EQ(read.tensors[0].shape, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(read.tensors[0].bytes, "12345678");
  EXPECT_EQ((read.tensors[0].bytes.data() - memory_.data()) % 64, 0);
}

TEST_F(Protocol, ACallThatDoesNotFitIsNotWritten) {
  Region small(memory_.data(), 50'000);
  const std::string large(100'000, 'l');
  EXPECT_FALSE(write_call(writer_, small, sample(large)));
}

// Cut anywhere, or with any byte changed, a message is refused or read as something else: never past its end.
TEST_F(Protocol, SurvivesBrokenMessages) {
  const std::string large(100'000, 'l');
  ASSERT_TRUE(write_call(writer_, region_, sample(large)));
  const std::string whole(writer_.view());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::string cut = whole.substr(0, i);
    Reader reader(cut);
    CallView call;
    EXPECT_FALSE(read_call(reader, region_, call)) << i;
    for (const int change : {1, 0x80, 0xff}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ change);
      Reader again(changed);
      CallView other;
      if (!read_call(again, region_, other)) continue;
      for (const auto& file : other.files) EXPECT_LE(file.bytes.size(), memory_.size());
    }
  }
}

TEST_F(Protocol, AnAnswerArrivesAsItWasSent) {
  const auto body = region_.at(*region_.put("{}"), 2);
  ResultView result;
  result.kind = ResultKind::file;
  result.body = *body;
  result.content_type = "text/plain";
  result.file_name = "a.txt";
  write_result(writer_, region_, result);
  Reader reader(writer_.view());
  ResultView read;
  ASSERT_TRUE(read_result(reader, region_, read));
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(read.kind, ResultKind::file);
  EXPECT_EQ(read.body, "{}");
  EXPECT_EQ(read.file_name, "a.txt");
}

TEST(Datatypes, HaveNamesAndSizes) {
  EXPECT_EQ(datatype_name(datatype_number("FP16")), "FP16");
  EXPECT_EQ(datatype_bytes(datatype_number("INT64")), 8U);
  EXPECT_EQ(datatype_bytes(datatype_number("BYTES")), 0U);
  EXPECT_EQ(datatype_number("FP8"), 0U);
  EXPECT_EQ(datatype_name(99), "");
}

TEST(Reader, BelievesNoCountThatCannotBe) {
  Writer writer;
  writer.number<std::uint64_t>(1'000'000'000);
  Reader reader(writer.view());
  EXPECT_EQ(reader.count(8), 0U);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace berth::worker
