// SPDX-License-Identifier: Apache-2.0
#include "berth/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

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

TEST(Tensor, ElementsAreViewsOfWhatTheTensorHolds) {
  const auto texts = Tensor::of_texts("x", {2}, {"one", ""});
  const auto elements = texts.elements();
  EXPECT_EQ(elements, (std::vector<std::string_view>{"one", ""}));
  EXPECT_EQ(elements[0].data(), texts.bytes().data() + 4);
}

TEST(Tensor, HalvesAreRoundedToTheNearest) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto halves = Tensor::of_halves(
      "x", {9}, {0.F, -2.F, 65504.F, 65519.F, 65520.F, 5.9604645e-8F, 1e-9F, 1.0F + 1.0F / 2048, -infinity});
  EXPECT_EQ(halves.bytes().size(), 18u);
  EXPECT_EQ(halves.halves(), (std::vector<float>{0, -2, 65504, 65504, infinity, 5.9604645e-8F, 0, 1, -infinity}));
  EXPECT_TRUE(std::isnan(Tensor::of_halves("x", {1}, {std::nanf("")}).halves()[0]));
}

// Each number that is no NaN, there and back.
TEST(Tensor, EveryHalfComesBackAsItWas) {
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 0x7fffu) > 0x7c00u) continue;
    ASSERT_EQ(detail::to_half(detail::from_half(static_cast<std::uint16_t>(half))), half);
  }
}

TEST(Tensor, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Tensor::of<float>("x", {1}, {1}).halves(), std::invalid_argument);
  EXPECT_THROW(Tensor::of_halves("x", {2}, {1}), std::invalid_argument);
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
