// SPDX-License-Identifier: Apache-2.0
// Models that take tensors: one that gives back each datatype, and ones that break what they declare.
#include <berth/berth.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using berth::Datatype;

// Every datatype comes in by its lower-case name, optional, of shape [-1,2] (BYTES: [-1]), and goes out unchanged.
berth::TensorSpecs one_of_each() {
  berth::TensorSpecs specs;
  for (int i = BERTH_BOOL; i <= BERTH_BYTES; ++i) {
    const auto datatype = static_cast<Datatype>(i);
    const std::vector<std::int64_t> shape =
        datatype == Datatype::bytes ? std::vector<std::int64_t>{-1} : std::vector<std::int64_t>{-1, 2};
    specs.push_back({berth::datatype_name(datatype), datatype, shape, true});
  }
  return specs;
}

class Mirror : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "mirror", .takes_files = false}; }
  berth::TensorSpecs get_inputs() const override { return one_of_each(); }
  berth::Response predict_data(const berth::Args& args) override {
    if (args.tensors().empty()) throw berth::Error(422, "send a tensor");
    return berth::Response::tensors(args.tensors());
  }
};

// Adds two required vectors; multiplies by the argument `factor`.
class Adder : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "adder", .takes_files = false}; }
  berth::ArgSpecs get_test_args() const override {
    return {berth::Arg("factor").number().default_value(1).range(-10, 10)};
  }
  berth::TensorSpecs get_inputs() const override { return {{"a", Datatype::fp32, {-1}}, {"b", Datatype::fp32, {-1}}}; }
  berth::TensorSpecs get_outputs() const override {
    return {{"sum", Datatype::fp32, {-1}}, {"count", Datatype::int64, {1}}};
  }
  berth::Response predict_data(const berth::Args& args) override {
    if (args.tensors().empty()) throw berth::Error(422, "send tensors");
    auto sum = args.tensor("a").values<float>();
    const auto other = args.tensor("b").values<float>();
    if (sum.size() != other.size()) throw berth::Error(422, "'a' and 'b' differ in size");
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] = (sum[i] + other[i]) * static_cast<float>(args.number("factor", 1));
    }
    const auto size = static_cast<std::int64_t>(sum.size());
    return berth::Response::tensors(
        {berth::Tensor::of("sum", {size}, sum), berth::Tensor::of<std::int64_t>("count", {1}, {size})});
  }
};

// Declares an output of another shape than it gives.
class Liar : public Adder {
 public:
  berth::TensorSpecs get_outputs() const override { return {{"sum", Datatype::fp32, {-1, 7}}}; }
};

// Answers tensors with JSON.
class Talker : public Adder {
 public:
  berth::Response predict_data(const berth::Args&) override { return berth::Json("hello"); }
};

// Answers a tensor of more sizes than there may be.
class Deep : public Adder {
 public:
  berth::Response predict_data(const berth::Args&) override {
    return berth::Response::tensors(
        {berth::Tensor::of<float>("sum", std::vector<std::int64_t>(BERTH_MAX_RANK + 1, 1), {1})});
  }
};

}  // namespace

BERTH_EXPORT_MODELS(Mirror, Adder, Liar, Talker, Deep)
