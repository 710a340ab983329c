// SPDX-License-Identifier: Apache-2.0
// Logs, prints, counts and answers what it is told to, and dies of it where it is told to.
#include <berth/berth.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>

class Talker : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "talker", .version = "1.0", .takes_files = false}; }
  berth::ArgSpecs get_test_args() const override {
    return {berth::Arg("log").default_value(""), berth::Arg("print").default_value(""),
            berth::Arg("count").integer().default_value(0), berth::Arg("die").boolean().default_value(false),
            berth::Arg("answer").default_value("1")};
  }
  berth::Response predict_data(const berth::Args& args) override {
    if (const std::string text = args.text("log"); !text.empty()) host().info(text);
    if (const std::string text = args.text("print"); !text.empty()) std::cout << text << std::endl;
    for (std::int64_t i = args.integer("count"); i > 0; --i) host().count("talked");
    if (args.boolean("die")) std::abort();
    return berth::Response::json_text(args.text("answer", "1"));
  }
};
BERTH_EXPORT_MODEL(Talker)
