// SPDX-License-Identifier: Apache-2.0
// TorchModule with small networks that are written here, as TorchScript source. The one test that includes LibTorch.
#include "image_classifier/torch_module.h"

// First: clang, in C++20, needs IValue complete before the headers that merely declare it.
#include <ATen/core/ivalue.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include "support/temp_folder.h"

namespace berth::image_classifier {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TorchModuleTest : public testing::Test {
 protected:
  // Not frozen, and in training mode: as a file that was saved without a second thought.
  std::filesystem::path network(const std::string& result) const {
    torch::jit::Module module("Network");
    module.register_attribute("training", c10::BoolType::get(), true);
    module.define("def forward(self, x):\n    return " + result + "\n");
    const auto path = folder_ / "model.pt";
    module.save(path.string());
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

TEST_F(TorchModuleTest, FailsWhereTheRowsAreNotAsManyAsTheImages) {
  auto module = load("x.flatten(1)[:1]");
  EXPECT_EQ(module.forward(1).size(), 4U);
  EXPECT_THROW(module.forward(2), std::runtime_error);
}

}  // namespace
}  // namespace berth::image_classifier
