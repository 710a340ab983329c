// SPDX-License-Identifier: Apache-2.0
#include "core/tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::core {
namespace {

using hosting::Tensor;
using testing::HasSubstr;
using testing::IsEmpty;

TensorSpecs specs() {
  return *parse_tensor_specs(R"([{"name":"x","datatype":"INT16","shape":[-1,2]},
                                 {"name":"text","datatype":"BYTES","shape":[-1],"optional":true},
                                 {"name":"flag","datatype":"BOOL","shape":[1],"optional":true}])");
}
Tensor x(std::vector<std::int64_t> shape, std::size_t bytes) {
  return {"x", "INT16", std::move(shape), Bytes(std::string(bytes, '\0'))};
}
std::string complaint(std::vector<Tensor> tensors) {
  const auto checked = check_inputs(specs(), tensors);
  if (checked) return "";
  EXPECT_EQ(checked.error().code, Code::invalid_argument);
  return checked.error().message;
}

TEST(Tensors, ThoseThatFitAreGood) {
  EXPECT_THAT(complaint({x({3, 2}, 12)}), IsEmpty());
  EXPECT_THAT(complaint({x({0, 2}, 0)}), IsEmpty());
  EXPECT_THAT(complaint({x({1, 2}, 4), {"text", "BYTES", {2}, Bytes(std::string("\1\0\0\0a\0\0\0\0", 9))}}), IsEmpty());
}

TEST(Tensors, EachMistakeIsNamed) {
  EXPECT_EQ(complaint({}), "input 'x': is missing");
  EXPECT_THAT(complaint({x({1, 2}, 4), {"y", "INT16", {1}, {}}}), HasSubstr("input 'y': name is not declared"));
  EXPECT_EQ(complaint({x({1, 2}, 4), x({1, 2}, 4)}), "input 'x': name is there twice");
  EXPECT_EQ(complaint({{"x", "UINT16", {1, 2}, {}}}), "input 'x': datatype is 'UINT16', declared is INT16");
  EXPECT_EQ(complaint({x({2}, 4)}), "input 'x': shape is [2], declared is [-1,2]");
  EXPECT_EQ(complaint({x({1, 3}, 6)}), "input 'x': shape is [1,3], declared is [-1,2]");
  EXPECT_EQ(complaint({x({2, 2}, 6)}), "input 'x': shape [2,2] asks for 4 element(s), data has 3");
  EXPECT_THAT(complaint({x({2, 2}, 7)}), HasSubstr("data has 7 bytes"));
  EXPECT_THAT(complaint({x({-1, 2}, 0)}), HasSubstr("a size below 0"));
  EXPECT_THAT(complaint({x({std::int64_t{1} << 62, 2}, 0)}), HasSubstr("asks for 9223372036854775808 element(s)"));
}

TEST(Tensors, BytesAreWalkedToTheirEnd) {
  const auto text = [](std::string bytes) { return Tensor{"text", "BYTES", {1}, Bytes(std::move(bytes))}; };
  EXPECT_THAT(complaint({x({1, 2}, 4), text(std::string("\5\0\0\0a", 5))}), HasSubstr("'text': data ends within"));
  EXPECT_THAT(complaint({x({1, 2}, 4), text(std::string("\1\0", 2))}), HasSubstr("data ends within"));
  EXPECT_THAT(complaint({x({1, 2}, 4), text("")}), HasSubstr("asks for 1 element(s), data has 0"));
  EXPECT_THAT(complaint({x({1, 2}, 4), {"flag", "BOOL", {1}, Bytes("\2")}}), HasSubstr("other than 0 and 1"));
}

TEST(Tensors, AnAnswerIsHeldToWhatIsDeclared) {
  hosting::Output output{hosting::Output::Kind::tensors, {}, "", "", {x({1, 2}, 4)}};
  EXPECT_TRUE(check_outputs(specs(), output));
  EXPECT_TRUE(check_outputs({}, output));
  output.tensors[0].shape = {2, 2};
  EXPECT_EQ(check_outputs(specs(), output).error().code, Code::internal);
  EXPECT_FALSE(check_outputs({}, output)) << "bytes fit their shape, declared or not";
  output.kind = hosting::Output::Kind::json;
  EXPECT_THAT(check_outputs({}, output).error().message, HasSubstr("something else than tensors"));
}

TEST(Tensors, ADeclarationThatCannotBeUsedIsNamed) {
  const auto problem = [](std::string_view text) { return parse_tensor_specs(text).error().message; };
  EXPECT_THAT(problem("{}"), HasSubstr("no list"));
  EXPECT_THAT(problem(R"([{"datatype":"FP32","shape":[]}])"), HasSubstr("no name"));
  EXPECT_THAT(problem(R"([{"name":"x","datatype":"FP8","shape":[]}])"), HasSubstr("'x': there is no datatype 'FP8'"));
  EXPECT_THAT(problem(R"([{"name":"x","datatype":"FP32"}])"), HasSubstr("'x': shape"));
  EXPECT_THAT(problem(R"([{"name":"x","datatype":"FP32","shape":[-2]}])"), HasSubstr("below -1"));
  EXPECT_THAT(problem(R"([{"name":"x","datatype":"FP32","shape":[]},{"name":"x","datatype":"FP32","shape":[]}])"),
              HasSubstr("declared twice"));
}

}  // namespace
}  // namespace berth::core
