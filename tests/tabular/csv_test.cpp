// SPDX-License-Identifier: Apache-2.0
#include "tabular_classifier/csv.h"

#include <gmock/gmock.h>

namespace berth::tabular {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

TEST(Csv, ReadsWhatProgramsWrite) {
  const auto csv = read_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\n3,\n4,5");
  EXPECT_THAT(csv.header, ElementsAre("a", "b"));
  ASSERT_EQ(csv.lines.size(), 3U);
  EXPECT_THAT(csv.lines[0].cells, ElementsAre("1", "x, \"y\"\nz"));
  EXPECT_EQ(csv.lines[0].number, 2U);
  EXPECT_THAT(csv.lines[1].cells, ElementsAre("3", ""));
  EXPECT_EQ(csv.lines[1].number, 5U);
  EXPECT_THAT(csv.lines[2].cells, ElementsAre("4", "5"));
}

TEST(Csv, NamesTheLineThatIsWrong) {
  const auto reading = [](const char* text) { return [text] { read_csv(text); }; };
  EXPECT_THAT(reading(""), ThrowsMessage<CsvError>(HasSubstr("no header")));
  EXPECT_THAT(reading("a,a\n"), ThrowsMessage<CsvError>(HasSubstr("line 1: two columns are named 'a'")));
  EXPECT_THAT(reading("a,b\n1,2\n1,2,3\n"),
              ThrowsMessage<CsvError>(StartsWith("line 3: it has 3 values, and the header names 2")));
  EXPECT_THAT(reading("a\n1\n\"2\n3\n"), ThrowsMessage<CsvError>(HasSubstr("line 3: a quote is not closed")));
  EXPECT_THAT(reading("a\n\"1\"2\n"), ThrowsMessage<CsvError>(HasSubstr("line 2: a quoted value")));
  EXPECT_THAT(reading("a\nx\"y\n"), ThrowsMessage<CsvError>(HasSubstr("line 2: a value that is not quoted")));
}

}  // namespace
}  // namespace berth::tabular
