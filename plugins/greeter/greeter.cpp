// SPDX-License-Identifier: Apache-2.0
#include <berth/berth.h>

class Greeter : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "greeter", .version = "1.0", .description = "Says hello", .takes_files = false};
  }
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("name").help("whom to greet").required()}; }
  berth::Response predict_data(const berth::Args& args) override {
    return berth::Json{{"greeting", "Hello " + args.text("name")}};
  }
};
BERTH_EXPORT_MODEL(Greeter)
