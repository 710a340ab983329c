// SPDX-License-Identifier: Apache-2.0
// Built in other ways than the server: as C++17, or by clang with libc++. Uses what differs between standard libraries.
#include <berth/berth.h>

#include <iostream>
#include <map>
#include <regex>
#include <sstream>

class OtherToolchain : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    berth::Metadata metadata;
    metadata.name = BERTH_PLUGIN_NAME;
    metadata.version = "1.0";
    metadata.description = BERTH_DETAIL_BUILD_INFO;
    metadata.takes_files = false;
    return metadata;
  }
  berth::ArgSpecs get_test_args() const override {
    return {// libstdc++'s regex goes one call deeper for each character.
            berth::Arg("text").default_value("to be or not to be").max_length(1000)};
  }

  berth::Response predict_data(const berth::Args& args) override {
    const std::string text = args.text("text");
    if (text == "error") throw berth::Error(422, "an error for the client");
    if (text == "throw") throw std::out_of_range("an exception of the standard library");
    if (text == "throw int") throw 42;
    std::map<std::string, int> counts;
    std::istringstream words(text);
    const std::regex is_word("[a-z]+");
    for (std::string word; words >> word;) {
      if (std::regex_match(word, is_word)) ++counts[word];
    }
    try {
      counts.at("missing");
    } catch (const std::out_of_range&) {
      std::cerr << "nothing is missing\n";
    }
    return berth::Json(counts);
  }
};
BERTH_EXPORT_MODEL(OtherToolchain)
