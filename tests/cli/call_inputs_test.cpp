// SPDX-License-Identifier: Apache-2.0
#include "cli/call_inputs.h"

#include <gmock/gmock.h>

#include "support/temp_folder.h"

namespace berth::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(CallInputs, TellsArgumentsFromFiles) {
  const test::TempFolder folder;
  const auto photo = folder.write("photo.png", "x");
  const auto odd = folder.write("a=b.png", "x");
  const auto inputs = parse_inputs(
      {"top_k=3", photo.string(), "mask=@" + photo.string(), "text=a=b", "empty=", odd.string(), "top_k=4"});
  ASSERT_TRUE(inputs) << inputs.error().message;
  EXPECT_THAT(inputs->values,
              ElementsAre(Pair("top_k", "3"), Pair("text", "a=b"), Pair("empty", ""), Pair("top_k", "4")));
  EXPECT_THAT(inputs->files, ElementsAre(Pair("data", photo), Pair("mask", photo), Pair("data", odd)));
}

TEST(CallInputs, NamesAFileThatCannotBeRead) {
  const test::TempFolder folder;
  for (const auto& word : {std::string("none.png"), std::string("data=@none.png"), folder.path().string()}) {
    const auto inputs = parse_inputs({word});
    ASSERT_FALSE(inputs) << word;
    EXPECT_EQ(inputs.error().code, Code::invalid_argument);
  }
}

}  // namespace
}  // namespace berth::cli
