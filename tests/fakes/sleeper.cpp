// SPDX-License-Identifier: Apache-2.0
// Takes its time, or waits for a file; BERTH_PLUGIN_SLEEPER_UNTIL names one for calls that name none.
#include <berth/berth.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

class Sleeper : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "sleeper", .version = "1.0", .description = "Sleeps, then answers", .takes_files = false};
  }
  berth::ArgSpecs get_test_args() const override {
    const char* until = std::getenv("BERTH_PLUGIN_SLEEPER_UNTIL");
    return {berth::Arg("seconds").number().default_value(0).min(0),
            berth::Arg("until").default_value(until != nullptr ? until : "").help("a file to wait for")};
  }
  berth::Response predict_data(const berth::Args& args) override {
    const double seconds = args.number("seconds");
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const std::string until = args.text("until", "");
    while (!until.empty() && !std::filesystem::exists(until)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return berth::Json{{"slept", seconds}};
  }
};
BERTH_EXPORT_MODEL(Sleeper)
