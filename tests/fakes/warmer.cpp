// SPDX-License-Identifier: Apache-2.0
// Writes down what is done with it and in which order, and is warm only when its tester lets it be.
#include <berth/berth.h>

#include <chrono>
#include <fstream>
#include <thread>

class Warmer : public berth::BaseModel {
 public:
  explicit Warmer(const berth::Package& package)
      : version_(package.version()), notes_(package.config().at("notes").get<std::string>()) {
    note("is made");
  }

  berth::Metadata get_metadata() const override { return {.name = "warmer", .version = "1.0", .takes_files = false}; }
  void warm() override {
    note("warms up");
    while (!std::filesystem::exists(notes_ / ("go-" + version_))) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    note("is warm");
  }
  berth::Response predict_data(const berth::Args&) override {
    note("is called");
    return berth::Json{{"version", version_}};
  }

 private:
  void note(const std::string& what) const { std::ofstream(notes_ / version_, std::ios::app) << what << "\n"; }

  std::string version_;
  std::filesystem::path notes_;
};
BERTH_EXPORT_MODEL(Warmer)
