// SPDX-License-Identifier: Apache-2.0
#include "berth/tensor.h"

#include <gtest/gtest.h>

namespace berth::test {
namespace {

TEST(Tensor, KeepsValuesOfEachDatatype) {
  const auto floats = Tensor::of<float>("x", {2, 2}, {1, 2, 3, 4.5});
  EXPECT_EQ(floats.datatype(), Datatype::fp32);
  EXPECT_EQ(floats.bytes().size(), 16u);
  EXPECT_EQ(floats.values<float>(), (std::vector<float>{1, 2, 3, 4.5}));
  EXPECT_EQ(Tensor::of<std::int64_t>("x", {1}, {-1}).datatype(), Datatype::int64);
  EXPECT_EQ(Tensor::of<std::uint8_t>("x", {1}, {255}).datatype(), Datatype::uint8);
  EXPECT_EQ(Tensor::of<std::uint16_t>("x", {1}, {1}).datatype(), Datatype::uint16);
  EXPECT_EQ(Tensor::of<double>("x", {1}, {1}).datatype(), Datatype::fp64);
  EXPECT_EQ(Tensor::of<bool>("x", {2}, {true, false}).values<bool>(), (std::vector<bool>{true, false}));
}

TEST(Tensor, AScalarHasOneElement) { EXPECT_EQ(Tensor::of<float>("x", {}, {7}).element_count(), 1u); }

TEST(Tensor, TextsComeBack) {
  const auto texts = Tensor::of_texts("x", {3}, {"a", "", "long text"});
  EXPECT_EQ(texts.texts(), (std::vector<std::string>{"a", "", "long text"}));
}

TEST(Tensor, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Tensor::of<float>("x", {3}, {1, 2}), std::invalid_argument);
  EXPECT_THROW(Tensor::of<float>("x", {1}, {1}).values<double>(), std::invalid_argument);
  EXPECT_THROW(Tensor::of<float>("x", {1}, {1}).texts(), std::invalid_argument);
  const Tensor torn("x", Datatype::bytes, {1}, std::string("\x05\0\0\0ab", 6));
  EXPECT_THROW(torn.texts(), std::invalid_argument);
  const Tensor small("x", Datatype::fp32, {2}, std::string(4, '\0'));
  EXPECT_THROW(small.values<float>(), std::invalid_argument);
}

TEST(Tensor, ReadsUnalignedData) {
  const std::string bytes("\0\x01\0\0\0\x02\0\0\0", 9);
  const std::int64_t shape[] = {2};
  berth_tensor raw{};
  raw.size = sizeof raw;
  raw.datatype = BERTH_INT32;
  raw.shape = shape;
  raw.rank = 1;
  raw.data = bytes.data() + 1;
  raw.data_bytes = 8;
  EXPECT_EQ(Tensor(raw).values<std::int32_t>(), (std::vector<std::int32_t>{1, 2}));
}

}  // namespace
}  // namespace berth::test
