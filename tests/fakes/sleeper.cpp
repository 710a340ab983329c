// SPDX-License-Identifier: Apache-2.0
// Takes its time.
#include <berth/berth.h>

#include <chrono>
#include <thread>

class Sleeper : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "sleeper", .version = "1.0", .description = "Sleeps, then answers", .takes_files = false};
  }
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("seconds").number().default_value(0).min(0)}; }
  berth::Response predict_data(const berth::Args& args) override {
    const double seconds = args.number("seconds");
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    return berth::Json{{"slept", seconds}};
  }
};
BERTH_EXPORT_MODEL(Sleeper)
