// @CLASS@: what the model says of itself and how it answers.
#pragma once

#include <berth/berth.h>

#include <functional>
#include <map>
#include <sstream>
#include <string>

class @CLASS@ : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "@NAME@",
            .version = "0.1.0",
            .description = "Counts the words of a text",
            .takes_files = false};  // the input is the arguments alone
  }

  berth::ArgSpecs get_test_args() const override {
    return {berth::Arg("text").help("the text to look at").default_value("to be or not to be"),
            berth::Arg("top").integer().help("how many words to return").default_value(3).range(1, 100)};
  }

  berth::Response predict_data(const berth::Args& args) override {
    std::map<std::string, int> counts;
    std::istringstream words(args.text("text"));
    for (std::string word; words >> word;) ++counts[word];
    if (counts.empty()) throw berth::Error(422, "the text has no words");

    std::multimap<int, std::string, std::greater<>> by_count;
    for (const auto& [word, count] : counts) by_count.emplace(count, word);
    berth::Json top = berth::Json::array();
    for (const auto& [count, word] : by_count) {
      if (top.size() == static_cast<std::size_t>(args.integer("top"))) break;
      top.push_back({{"word", word}, {"count", count}});
    }
    return berth::Json{{"words", top}};
  }
};
