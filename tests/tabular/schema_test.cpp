// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/schema.h"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

namespace berth::tabular {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr auto kNumeric = ColumnType::numeric;
constexpr auto kBoolean = ColumnType::boolean;

TEST(Schema, IsReadInItsOrder) {
  const auto schema = read_schema(
      Json::parse(R"({"input_schema":{"columns":[{"name":"age","type":"numeric"},{"name":"sex","type":"boolean"}]}})"));
  ASSERT_EQ(schema.size(), 2U);
  EXPECT_EQ(schema[0].name, "age");
  EXPECT_EQ(schema[1].type, kBoolean);
  EXPECT_EQ(read_schema(to_json(schema))[1].name, "sex");
}

TEST(Schema, SaysWhatIsWrongWithIt) {
  const auto read = [](const char* columns) {
    return [columns] { read_schema(Json{{"input_schema", {{"columns", Json::parse(columns)}}}}); };
  };
  EXPECT_THAT([] { read_schema(Json::object()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("input_schema.columns")));
  EXPECT_THAT(read("[]"), ThrowsMessage<std::runtime_error>(HasSubstr("input_schema.columns")));
  EXPECT_THAT(read(R"([{"type":"numeric"}])"), ThrowsMessage<std::runtime_error>(HasSubstr("columns[0] needs a name")));
  EXPECT_THAT(read(R"([{"name":"a","type":"text"}])"),
              ThrowsMessage<std::runtime_error>(HasSubstr("columns[0] (a): type has to be numeric or boolean")));
  EXPECT_THAT(read(R"([{"name":"a","type":"numeric"},{"name":"a","type":"boolean"}])"),
              ThrowsMessage<std::runtime_error>(HasSubstr("two columns are named a")));
}

TEST(Schema, ReadsNumbersAsClientsSendThem) {
  EXPECT_EQ(number_of(Json(75), kNumeric), 75);
  EXPECT_EQ(number_of(Json("-1.5e2"), kNumeric), -150);
  EXPECT_EQ(number_of(Json(true), kNumeric), 1);
  EXPECT_TRUE(std::isnan(number_of(Json(), kNumeric)));
}

TEST(Schema, ReadsBooleansAsClientsSendThem) {
  for (const auto& yes : {Json(true), Json(1), Json(1.0), Json("1"), Json("true"), Json("True")}) {
    EXPECT_EQ(number_of(yes, kBoolean), 1) << yes;
  }
  for (const auto& no : {Json(false), Json(0), Json("0"), Json("FALSE")}) EXPECT_EQ(number_of(no, kBoolean), 0) << no;
}

TEST(Schema, RefusesWhatIsNoValue) {
  for (const auto& bad : {Json("old"), Json(""), Json("1,5"), Json("12 years"), Json("nan"), Json("inf"), Json(1e300),
                          Json("1e300"), Json::array(), Json::object()}) {
    EXPECT_THROW(number_of(bad, kNumeric), std::invalid_argument) << bad;
  }
  for (const auto& bad : {Json(2), Json(0.5), Json("yes"), Json("2"), Json::array()}) {
    EXPECT_THROW(number_of(bad, kBoolean), std::invalid_argument) << bad;
  }
}

TEST(Schema, ReadsCellsOfFiles) {
  for (const auto* missing : {"", " ", "NA", "NaN", "null"}) {
    EXPECT_TRUE(std::isnan(number_of(std::string_view(missing), kNumeric))) << missing;
  }
  EXPECT_EQ(number_of(std::string_view(" +7.5 "), kNumeric), 7.5);
  EXPECT_THROW(number_of(std::string_view("none"), kNumeric), std::invalid_argument);
}

}  // namespace
}  // namespace berth::tabular
