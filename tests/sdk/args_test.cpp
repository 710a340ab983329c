// SPDX-License-Identifier: Apache-2.0
#include "berth/args.h"

#include <gtest/gtest.h>

#include "recording_host.h"

namespace berth::test {
namespace {

TEST(Args, ReadsWhatIsThereByType) {
  RawArgs raw(R"({"s":"text","i":-5,"f":1.5,"b":true,"l":[1,2],"o":{"a":null},"z":null})");
  const Args args(*raw.get());
  EXPECT_EQ(args.text("s"), "text");
  EXPECT_EQ(args.integer("i"), -5);
  EXPECT_EQ(args.number("f"), 1.5);
  EXPECT_EQ(args.number("i"), -5.0);
  EXPECT_TRUE(args.boolean("b"));
  EXPECT_EQ(args.list<int>("l"), (std::vector<int>{1, 2}));
  EXPECT_TRUE(args.value("o")["a"].is_null());
  EXPECT_EQ(args.request_id(), "request-1");
}

TEST(Args, HasKnowsNullFromThere) {
  RawArgs raw(R"({"s":"text","z":null})");
  const Args args(*raw.get());
  EXPECT_TRUE(args.has("s"));
  EXPECT_FALSE(args.has("z"));
  EXPECT_FALSE(args.has("absent"));
  EXPECT_TRUE(args.value("z").is_null());
}

TEST(Args, FallbacksStandInForAbsentAndNull) {
  RawArgs raw(R"({"z":null,"i":1})");
  const Args args(*raw.get());
  EXPECT_EQ(args.text("z", "other"), "other");
  EXPECT_EQ(args.text("absent", "other"), "other");
  EXPECT_EQ(args.integer("i", 9), 1);
  EXPECT_EQ(args.number("absent", 0.5), 0.5);
  EXPECT_TRUE(args.boolean("absent", true));
}

TEST(Args, AMistakeOfTheModelNamesTheArgument) {
  RawArgs raw(R"({"s":"text","f":1.5})");
  const Args args(*raw.get());
  const auto message_of = [](const auto& body) -> std::string {
    try {
      body();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_EQ(message_of([&] { args.integer("s"); }), "argument 's' is not an integer");
  EXPECT_EQ(message_of([&] { args.integer("f"); }), "argument 'f' is not an integer");
  EXPECT_NE(message_of([&] { args.text("absent"); }).find("'absent' is not there"), std::string::npos);
}

TEST(Args, EmptyJsonIsAnEmptyObject) {
  RawArgs raw("");
  const Args args(*raw.get());
  EXPECT_FALSE(args.has("anything"));
  EXPECT_EQ(args.json(), Json::object());
}

TEST(Args, BorrowsFilesAndUrls) {
  const std::string bytes("a\0b", 3);
  berth_file file{};
  file.size = sizeof file;
  file.field = detail::to_abi("data");
  file.file_name = detail::to_abi("a.bin");
  file.content_type = detail::to_abi("image/png");
  file.data = bytes.data();
  file.data_bytes = bytes.size();
  berth_file empty{};
  empty.size = sizeof empty;
  empty.field = detail::to_abi("mask");
  const berth_file* files[] = {&file, &empty};
  const berth_text urls[] = {detail::to_abi("http://a/"), detail::to_abi("")};
  berth_args raw{};
  raw.size = sizeof raw;
  raw.files = files;
  raw.file_count = 2;
  raw.urls = urls;
  raw.url_count = 2;
  const Args args(raw);
  ASSERT_EQ(args.files().size(), 2u);
  EXPECT_EQ(static_cast<const void*>(args.files()[0].data()), bytes.data()) << "it was copied";
  EXPECT_EQ(args.files()[0].bytes(), bytes);
  EXPECT_EQ(args.files()[0].name(), "a.bin");
  EXPECT_EQ(args.files()[0].content_type(), "image/png");
  ASSERT_EQ(args.files("mask").size(), 1u);
  EXPECT_TRUE(args.files("mask")[0].bytes().empty());
  EXPECT_EQ(args.urls(), (std::vector<std::string>{"http://a/", ""}));
}

TEST(Args, CanBeMadeByHandForAModelsOwnTests) {
  Args args(Json{{"n", 3}}, {File("data", "x.txt", "text/plain", "content")}, {"http://a/"});
  const Args moved = std::move(args);
  EXPECT_EQ(moved.integer("n"), 3);
  EXPECT_EQ(moved.json_text(), R"({"n":3})");
  EXPECT_EQ(moved.files().front().bytes(), "content");
}

}  // namespace
}  // namespace berth::test
