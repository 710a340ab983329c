// SPDX-License-Identifier: Apache-2.0
#include "berth/abi.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "abi_layout.h"

namespace berth::test {
namespace {

#define OFFSETS(struct_name, member) \
  { #struct_name "." #member, sizeof(struct_name), offsetof(struct_name, member) }
const Layout kLayoutsInCpp[] = {
#include "abi_layout.inc"
};

TEST(Abi, CAndCppAgreeOnEveryStruct) {
  ASSERT_EQ(layout_count_in_c, std::size(kLayoutsInCpp));
  for (std::size_t i = 0; i < layout_count_in_c; ++i) {
    EXPECT_STREQ(layouts_in_c[i].member, kLayoutsInCpp[i].member);
    EXPECT_EQ(layouts_in_c[i].offset, kLayoutsInCpp[i].offset) << kLayoutsInCpp[i].member;
    EXPECT_EQ(layouts_in_c[i].struct_size, kLayoutsInCpp[i].struct_size) << kLayoutsInCpp[i].member;
  }
}

// A plugin built with an earlier 0.x keeps loading: within one ABI version nothing may move.
TEST(Abi, VersionOneIsFrozenOnThisPlatform) {
  if (sizeof(void*) != 8) GTEST_SKIP() << "the figures are those of 64 bits";
  EXPECT_EQ(BERTH_ABI_VERSION, 1u);
  EXPECT_EQ(offsetof(berth_plugin, models), 40u);
  EXPECT_EQ(offsetof(berth_model_type, name), 8u);
  EXPECT_EQ(offsetof(berth_model_type, train), 96u);
  EXPECT_EQ(offsetof(berth_model_type, get_outputs), 112u);
  EXPECT_EQ(offsetof(berth_args, request_id), 72u);
  EXPECT_EQ(offsetof(berth_result, error), 48u);
  EXPECT_EQ(offsetof(berth_host, metric), 64u);
  EXPECT_EQ(offsetof(berth_host, data_folder), 88u);
  EXPECT_EQ(offsetof(berth_package, config_json), 56u);
  EXPECT_EQ(offsetof(berth_tensor, data_bytes), 48u);
  EXPECT_EQ(offsetof(berth_file, data_bytes), 64u);
}

}  // namespace
}  // namespace berth::test
