// SPDX-License-Identifier: Apache-2.0
// TorchModule with small networks that are written here, as TorchScript source.
#include "image_classifier/torch_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "support/temp_folder.h"
#include "vision/torch_files.h"

namespace berth::image_classifier {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using vision::Layout;

class TorchModuleTest : public testing::Test {
 protected:
  std::filesystem::path network(const std::string& result) const {
    const auto path = folder_ / "model.pt";
    vision::test::save_network(path, result);
    return path;
  }
  TorchModule load(const std::string& result) const { return TorchModule(network(result), options_); }
  std::string refusal(const std::string& result) const {
    try {
      load(result);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "accepted";
  }

  test::TempFolder folder_;
  TorchOptions options_{.image_shape = {1, 2, 2}, .max_batch = 3};
};

TEST_F(TorchModuleTest, RunsTheImagesThatWereWritten) {
  for (const bool optimize : {false, true}) {
    options_.optimize = optimize;
    auto module = load("x.flatten(1) * 2");
    EXPECT_EQ(module.output_count(), 4U);
    EXPECT_EQ(module.device_name(), "cpu");
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(module.input(i).size(), 4U);
      for (std::size_t p = 0; p < 4; ++p) module.input(i)[p] = static_cast<float>(i * 10 + p);
    }
    EXPECT_THAT(module.forward(1), ElementsAre(0, 2, 4, 6));
    EXPECT_THAT(module.forward(3), ElementsAre(0, 2, 4, 6, 20, 22, 24, 26, 40, 42, 44, 46));
    EXPECT_THAT(module.forward(1), ElementsAre(0, 2, 4, 6));
  }
}

TEST_F(TorchModuleTest, PutsTheNetworkInEvaluationMode) {
  EXPECT_THAT(load("x.flatten(1) + (100 if self.training else 0)").forward(1), ElementsAre(0, 0, 0, 0));
}

TEST_F(TorchModuleTest, GivesFloatsWhateverTheNetworkGives) {
  EXPECT_THAT(load("(x.flatten(1) + 7).double()").forward(1), ElementsAre(7, 7, 7, 7));
}

TEST_F(TorchModuleTest, RefusesWhatIsNoRowPerImage) {
  EXPECT_THAT(refusal("(x.flatten(1), x)"), HasSubstr("gives Tuple, not one tensor"));
  EXPECT_THAT(refusal("x"), HasSubstr("one row of numbers per image"));
  EXPECT_THAT(refusal("x.flatten()"), HasSubstr("one row of numbers per image"));
}

// Memory that was freed would be read here while LibTorch writes the message, were the module frozen in place: run it
// under valgrind.
TEST_F(TorchModuleTest, SaysInOneLineWhyTheNetworkRejectsItsImages) {
  for (const bool optimize : {false, true}) {
    options_.optimize = optimize;
    const auto message = refusal("x.flatten(1).matmul(torch.zeros([5, 2]))");
    EXPECT_THAT(message, AllOf(HasSubstr("model.pt does not work on images of shape (1, 2, 2)")));
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

// Which layout the network gets, and whether it would take the other as well.
TEST_F(TorchModuleTest, ChoosesTheLayoutThatTheNetworkTakes) {
  struct Case {
    const char* result;
    Layout layout;
    bool ambiguous;
  };
  options_ = {.image_shape = {3, 4, 5}, .layouts = {Layout::channels_last, Layout::channels_first}, .output_count = 3};
  for (const auto& [result, layout, ambiguous] :
       {Case{"x.mean([1, 2])", Layout::channels_last, false}, Case{"x.mean([2, 3])", Layout::channels_first, false},
        Case{"torch.conv2d(x, torch.ones([3, 3, 1, 1])).mean([2, 3])", Layout::channels_first, false},
        Case{"torch.conv2d(x.permute(0, 3, 1, 2), torch.ones([3, 3, 1, 1])).mean([2, 3])", Layout::channels_last,
             false},
        Case{"x.flatten(1)[:, :3]", Layout::channels_last, true}}) {
    for (const bool optimize : {false, true}) {
      options_.optimize = optimize;
      const auto module = load(result);
      EXPECT_EQ(module.layout(), layout) << result;
      EXPECT_EQ(module.is_layout_ambiguous(), ambiguous) << result;
      EXPECT_EQ(module.output_count(), 3U) << result;
    }
  }
}

TEST_F(TorchModuleTest, NamesBothShapesWhereItTakesNeither) {
  options_ = {.image_shape = {3, 4, 5}, .layouts = {Layout::channels_last, Layout::channels_first}};
  EXPECT_THAT(refusal("torch.conv2d(x, torch.ones([3, 2, 1, 1])).mean([2, 3])"),
              AllOf(HasSubstr("images of shape (4, 5, 3): "), HasSubstr("; nor on images of shape (3, 4, 5): ")));
}

TEST_F(TorchModuleTest, TakesImagesOfAnotherSizeOnceToldSo) {
  options_ = {.image_shape = {3, 0, 0}, .layouts = {Layout::channels_last}, .output_count = 3};
  auto module = load("x.sum([1, 2])");
  for (const auto& [height, width] : {std::pair{2, 5}, std::pair{7, 1}}) {
    module.resize(2, height, width);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto input = module.input(i);
      ASSERT_EQ(input.size(), static_cast<std::size_t>(height * width * 3));
      std::ranges::fill(input, static_cast<float>(i + 1));
    }
    const auto sum = static_cast<float>(height * width);
    EXPECT_THAT(module.forward(2), ElementsAre(sum, sum, sum, 2 * sum, 2 * sum, 2 * sum));
  }
}

TEST_F(TorchModuleTest, FailsWhereTheRowsAreNotAsManyAsTheImages) {
  auto module = load("x.flatten(1)[:1]");
  EXPECT_EQ(module.forward(1).size(), 4U);
  EXPECT_THROW(module.forward(2), NetworkError);
}

}  // namespace
}  // namespace berth::image_classifier
