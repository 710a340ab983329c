// SPDX-License-Identifier: Apache-2.0
// Two models in one library: one named by its class, one by itself; each implements something else.
#include <berth/berth.h>

namespace {

class UpperCase : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "upper case", .takes_files = false}; }
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("text").default_value("a")}; }

 private:
  // Overrides count wherever they stand.
  berth::Response predict_data(const berth::Args& args) override {
    std::string text = args.text("text");
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return berth::Json(text);
  }
};

class UrlCounter : public berth::BaseModel {
 public:
  static constexpr const char* kName = "url-counter";
  berth::Metadata get_metadata() const override { return {.name = "URL counter"}; }
  berth::Response predict_url(const berth::Args& args) override { return berth::Json(args.urls().size()); }
};

}  // namespace

BERTH_EXPORT_MODELS(UpperCase, UrlCounter)
