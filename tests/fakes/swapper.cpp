// SPDX-License-Identifier: Apache-2.0
// Built twice, from this one source: answers with which of the two it is, and with the weights of its package
// and how nice it is.
#include <berth/berth.h>

#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <string>

std::string niceness() { return std::to_string(::getpriority(PRIO_PROCESS, 0)); }

class Swapper : public berth::BaseModel {
 public:
  explicit Swapper(const berth::Package& package) : version_(package.version()) {
    std::ifstream file(package.file("weights.txt"), std::ios::binary);
    weights_.assign(std::istreambuf_iterator<char>(file), {});
    if (weights_.empty()) throw berth::Error(503, "weights.txt is empty");
  }

  berth::Metadata get_metadata() const override {
    return {.name = "swapper", .version = "1.0", .description = "Says which build it is", .takes_files = false};
  }
  berth::TensorSpecs get_inputs() const override { return {{"any", berth::Datatype::boolean, {-1}}}; }
  berth::TensorSpecs get_outputs() const override { return {{"weights", berth::Datatype::bytes, {1}}}; }
  berth::Response predict_data(const berth::Args& args) override {
    if (!args.tensors().empty()) return berth::Response::tensors({berth::Tensor::of_texts("weights", {1}, {weights_})});
    return berth::Json{{"code", BERTH_CODE},
                       {"weights", weights_},
                       {"version", version_},
                       {"made_at", made_at_},
                       {"asked_at", niceness()}};
  }

 private:
  std::string version_;
  std::string weights_;
  std::string made_at_ = niceness();
};
BERTH_EXPORT_MODEL(Swapper)
