// SPDX-License-Identifier: Apache-2.0
#include "core/record_text.h"

#include <gtest/gtest.h>

namespace berth::core {
namespace {

using hosting::Output;

std::string text_of(Output output, const RecordTextOptions& options = {}) { return output_text(output, options); }

Output output(Output::Kind kind, std::string body) {
  Output made;
  made.kind = kind;
  made.body = Bytes(std::move(body));
  return made;
}

TEST(RecordText, TellsWhatACallHas) {
  hosting::Call call;
  EXPECT_EQ(input_text(call, {}), "{}");
  call.args_json = R"({"top_k":1})";
  call.files.push_back({"data", "a.png", "image/png", Bytes(std::string("abc"))});
  call.tensors.push_back({"x", "FP32", {1, 2}, Bytes(std::string(8, '\0'))});
  EXPECT_EQ(input_text(call, {}),
            R"({"args":{"top_k":1},"files":[{"field":"data","file_name":"a.png","content_type":"image/png","bytes":3,)"
            R"("sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}],)"
            R"("tensors":[{"name":"x","datatype":"FP32","shape":[1,2],)"
            R"("sha256":"af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc"}]})");
  EXPECT_EQ(bytes_to_hash(call), 11U);
}

TEST(RecordText, LeavesOutOfUrlsWhoMayFetchThem) {
  hosting::Call call;
  call.urls = {"https://user:word@example.org/a.png?sig=secret#x", "http://example.org/b@c", "data.png", "http://h?q"};
  EXPECT_EQ(input_text(call, {}), R"({"urls":["https://example.org/a.png?[redacted]","http://example.org/b@c",)"
                                  R"("data.png","http://h?[redacted]"]})");
}

TEST(RecordText, RedactsSecretsAtAnyDepthHoweverTheirNamesAreSpelt) {
  const RecordTextOptions options{.redacted = {"password", "ssn"}};
  EXPECT_EQ(recorded(R"({"a":[{"PassWord":"x"}],"ssn":{"n":1},"b":"password"})", options),
            R"({"a":[{"PassWord":"[redacted]"}],"ssn":"[redacted]","b":"password"})");
  EXPECT_EQ(recorded(R"({"p\u0061ssword":"x"})", options), R"({"password":"[redacted]"})");
  EXPECT_EQ(recorded(R"({"passwords":"x", "a":1})", options), R"({"passwords":"x", "a":1})") << "as it was";
  EXPECT_EQ(recorded(R"({"token":1})", {}), R"({"token":"[redacted]"})");
  EXPECT_EQ(recorded(R"({"token":1})", {.redacted = {}}), R"({"token":1})");
}

TEST(RecordText, KeepsOnlyTheSizeOfWhatIsTooLong) {
  const RecordTextOptions options{.max_bytes = 10};
  EXPECT_EQ(recorded("[1,2,3,4,5]", options), R"({"omitted":{"bytes":11}})");
  EXPECT_EQ(recorded("[1,2,3,45]", options), "[1,2,3,45]");
  EXPECT_EQ(text_of(output(Output::Kind::text, "12345678901"), options), R"({"omitted":{"bytes":11}})");
}

TEST(RecordText, TellsOutputsOfEachKind) {
  EXPECT_EQ(text_of(output(Output::Kind::json, R"({"p":[0.5]})")), R"({"p":[0.5]})");
  EXPECT_EQ(text_of(output(Output::Kind::text, "say \"cat\"\xff")), "\"say \\\"cat\\\"\xc3\xbf\"");
  auto file = output(Output::Kind::file, "GIF89a");
  file.content_type = "image/gif";
  EXPECT_EQ(text_of(std::move(file)), R"({"file":{"content_type":"image/gif","bytes":6}})");
  auto tensors = output(Output::Kind::tensors, "");
  tensors.tensors.push_back({"y", "INT64", {3}, Bytes()});
  EXPECT_EQ(text_of(std::move(tensors)), R"({"tensors":[{"name":"y","datatype":"INT64","shape":[3]}]})");
}

TEST(RecordText, TellsWhatWentWrong) {
  Error error{Code::invalid_argument, "no good"};
  EXPECT_EQ(output_text(failure(error), {}), R"({"error":"no good"})");
  error.fields_json = R"({"age":["too old"]})";
  EXPECT_EQ(output_text(failure(error), {}), R"({"error":"no good","fields":{"age":["too old"]}})");
}

TEST(RecordText, KeepsOnlyTheSizeOfManyFilesAndOfLongErrors) {
  const RecordTextOptions options{.max_bytes = 300};
  hosting::Call call;
  for (int i = 0; i < 3; ++i) call.files.push_back({"data", "a.png", "image/png", Bytes(std::string("abc"))});
  EXPECT_EQ(input_text(call, options).find(R"({"omitted":{"bytes":)"), 0U);
  const Error error{Code::internal, std::string(400, 'x')};
  EXPECT_EQ(output_text(failure(error), options), R"({"omitted":{"bytes":412}})");
}

TEST(RecordText, ListsTexts) {
  EXPECT_EQ(json_list({}), "[]");
  EXPECT_EQ(json_list({"a\"", "\xff"}), "[\"a\\\"\",\"\xc3\xbf\"]");
}

}  // namespace
}  // namespace berth::core
