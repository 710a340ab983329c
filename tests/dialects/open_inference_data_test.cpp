// SPDX-License-Identifier: Apache-2.0
// How the elements of an infer request's JSON become bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "dialects/open_inference_json.h"

namespace berth::dialects::open_inference {
namespace {

using testing::HasSubstr;

std::string input(const std::string& datatype, const std::string& data) {
  return R"({"inputs":[{"name":"x","shape":[1],"datatype":")" + datatype + R"(","data":)" + data + "}]}";
}
std::string input_backwards(const std::string& datatype, const std::string& data) {
  return R"({"inputs":[{"data":)" + data + R"(,"datatype":")" + datatype + R"("}]})";
}

template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

// In both orders of the members, since one is read in one go and the other is not.
void expect_bytes(const std::string& datatype, const std::string& data, const std::string& bytes) {
  for (const auto& text : {input(datatype, data), input_backwards(datatype, data)}) {
    auto read = read_infer_json(text, 100);
    ASSERT_TRUE(read) << text << ": " << read.error().message;
    ASSERT_TRUE(read->data.at(0)) << text;
    EXPECT_EQ(read->data[0]->take_bytes(), bytes) << text;
  }
}
void expect_problem(const std::string& datatype, const std::string& data, const std::string& problem) {
  for (const auto& text : {input(datatype, data), input_backwards(datatype, data)}) {
    const auto read = read_infer_json(text, 100);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("inputs[0].data: " + problem)) << text;
  }
}

TEST(OpenInferenceData, EachDatatypeIsReadExactly) {
  expect_bytes("BOOL", "[true,false,1,0]", bytes_of<char>({1, 0, 1, 0}));
  expect_bytes("INT8", "[-128,127]", bytes_of<std::int8_t>({-128, 127}));
  expect_bytes("UINT8", "[0,255]", bytes_of<std::uint8_t>({0, 255}));
  expect_bytes("INT16", "[-32768,32767]", bytes_of<std::int16_t>({-32768, 32767}));
  expect_bytes("UINT16", "[65535]", bytes_of<std::uint16_t>({65535}));
  expect_bytes("INT32", "[-2147483648]", bytes_of({std::numeric_limits<std::int32_t>::min()}));
  expect_bytes("UINT32", "[4294967295]", bytes_of({std::numeric_limits<std::uint32_t>::max()}));
  expect_bytes("INT64", "[-9223372036854775808,9223372036854775807,9007199254740993]",
               bytes_of({std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                         std::int64_t{9007199254740993}}));
  expect_bytes("UINT64", "[18446744073709551615]", bytes_of({std::numeric_limits<std::uint64_t>::max()}));
  expect_bytes("FP32", "[1,-0.5,0.1,3.4028235e38,1e-60,16777217]",
               bytes_of<float>({1, -0.5F, 0.1F, 3.4028235e38F, 0, 16777216}));
  expect_bytes("FP64", "[0.1,-1e308,5e-324,12345678901234567890]",
               bytes_of<double>({0.1, -1e308, 5e-324, 12345678901234567890.0}));
  expect_bytes("BYTES", R"(["a","","ä\u0000"])", std::string("\1\0\0\0a\0\0\0\0\3\0\0\0\xc3\xa4\0", 16));
}

TEST(OpenInferenceData, WhatDoesNotFitIsRefusedByName) {
  expect_problem("INT8", "[1,128]", "element 1: 128 is out of range of INT8");
  expect_problem("UINT8", "[-1]", "element 0: -1 is out of range of UINT8");
  expect_problem("UINT64", "[18446744073709551616]", "element 0: 18446744073709551616 is out of range of UINT64");
  expect_problem("INT64", "[9223372036854775808]", "element 0: 9223372036854775808 is out of range of INT64");
  expect_problem("FP32", "[1e39]", "element 0: 1e39 is out of range of FP32");
  expect_problem("FP64", "[1e999]", "a number is out of range of every datatype");
  expect_problem("INT32", "[1.0]", "element 0: 1.0 is no INT32");
  expect_problem("INT32", "[1e2]", "element 0: 1e2 is no INT32");
  expect_problem("INT32", "[true]", "element 0: a boolean is no INT32");
  expect_problem("INT32", R"(["1"])", "element 0: a string is no INT32");
  expect_problem("BOOL", "[2]", "element 0: 2 is no BOOL");
  expect_problem("BYTES", "[7]", "element 0: 7 is no BYTES");
  expect_problem("FP32", "[[1,null]]", "element 1: null is no element");
  expect_problem("FP32", "[{}]", "element 0: an object is no element");
}

TEST(OpenInferenceData, ListsMayBeFlatOrNestAsTheShapeSays) {
  const auto problem = [](const std::string& data, const std::vector<std::int64_t>& shape) {
    auto read = read_infer_json(input("INT8", data), 100);
    return read ? read->data[0]->nesting_problem(shape) : read.error().message;
  };
  EXPECT_EQ(problem("[1,2,3,4,5,6]", {2, 3}), "");
  EXPECT_EQ(problem("[[1,2,3],[4,5,6]]", {2, 3}), "");
  EXPECT_EQ(problem("[[[1],[2]],[[3],[4]]]", {2, 2, 1}), "");
  EXPECT_EQ(problem("[[],[]]", {2, 0}), "");
  EXPECT_THAT(problem("[[1,2],[3]]", {2, 2}), HasSubstr("not all of one size"));
  EXPECT_THAT(problem("[[1,2],3,4]", {2, 2}), HasSubstr("not all of one size"));
  EXPECT_THAT(problem("[[1,2,3],[4,5,6]]", {3, 2}), HasSubstr("level 2 holds 3"));
  EXPECT_THAT(problem("[[1,2,3]]", {3}), HasSubstr("nest 2 deep"));
}

TEST(OpenInferenceData, OnlyWhatIsNoElementIsBounded) {
  std::string many = "[0";
  for (int i = 0; i < 1000; ++i) many += ",0";
  EXPECT_TRUE(read_infer_json(input("INT8", many + "]"), 10));
  EXPECT_THAT(read_infer_json(R"({"parameters":{"a":)" + many + "]}}", 10).error().message, HasSubstr("too many"));
  const std::string deep(1000, '[');
  EXPECT_THAT(read_infer_json(input("INT8", deep), 10).error().message, HasSubstr("nest"));
  EXPECT_THAT(read_infer_json(input_backwards("INT8", deep), 10).error().message, HasSubstr("nest"));
  EXPECT_THAT(read_infer_json(R"({"a":)" + deep, 5000).error().message, HasSubstr("too deep"));
}

TEST(OpenInferenceData, OnlyAnInputHasMembers) {
  for (const auto* text : {R"({"inputs":{"data":[[1]]}})", R"({"inputs":{"datatype":["FP32"]}})",
                           R"({"inputs":[[{"data":[[1]]}]]})", R"({"inputs":[{"data":[1]},[[1]],["FP32"]]})",
                           R"({"inputs":[["data",[1]]]})", R"({"outputs":[{"data":[[1]]}]})"}) {
    const auto read = read_infer_json(text, 100);
    EXPECT_TRUE(read) << text << ": " << read.error().message;
  }
}

TEST(OpenInferenceData, BrokenTextsSayWhereAndStrangeOnesDoNoHarm) {
  EXPECT_THAT(read_infer_json("", 10).error().message, HasSubstr("no JSON"));
  EXPECT_THAT(read_infer_json("[]", 10).error().message, HasSubstr("no JSON object"));
  EXPECT_THAT(read_infer_json(R"({"inputs":[{"data":[1,2)", 10).error().message, HasSubstr("at byte 23"));
  EXPECT_THAT(read_infer_json(R"({"inputs":[],"inputs":[{"data":[1],"datatype":"INT8"}]})", 10).error().message,
              HasSubstr("inputs: is there twice"));
  EXPECT_THAT(read_infer_json(input("INT8", R"([1],"data":[2])"), 10).error().message,
              HasSubstr("data: is there twice"));
  EXPECT_THAT(read_infer_json(input("INT8", "5"), 10).error().message, HasSubstr("data: is no list"));
  for (const auto* strange :
       {R"({"inputs":{"x":{"data":[1],"datatype":"INT8"}}})", R"({"inputs":[7,{"data":[1],"datatype":"INT8"}]})",
        R"({"inputs":[[{"data":[1],"datatype":"INT8"}]]})", R"({"outputs":[{"data":[1,"a"]}]})",
        R"({"inputs":[{"data":[1],"datatype":5}]})", R"({"inputs":[{"data":[[1,{"a":[2]}]]}]})"}) {
    EXPECT_TRUE(read_infer_json(strange, 100)) << strange;
  }
}

}  // namespace
}  // namespace berth::dialects::open_inference
