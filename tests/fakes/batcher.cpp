// SPDX-License-Identifier: Apache-2.0
// Answers whole batches; tells how large a batch was only where it is asked to.
#include <berth/berth.h>

class Batcher : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "batcher", .version = "1.0", .description = "Doubles numbers, many at once", .takes_files = false};
  }
  berth::ArgSpecs get_test_args() const override {
    return {berth::Arg("value").integer().default_value(1).help("negative: 422; 13: the whole batch throws"),
            berth::Arg("tell").boolean().default_value(false).help("say how large the batch was")};
  }

  std::vector<berth::Response> predict_batch(const std::vector<berth::Args>& batch) override {
    host().gauge("batch_size", static_cast<double>(batch.size()));
    std::vector<berth::Response> responses;
    for (const berth::Args& args : batch) {
      const auto value = args.integer("value");
      if (value == 13) throw std::runtime_error("13 is a bad number");
      if (value < 0) {
        responses.emplace_back(berth::Error(422, "negative numbers are not doubled"));
        continue;
      }
      berth::Json answer{{"doubled", 2 * value}};
      if (args.boolean("tell")) answer["batch_size"] = batch.size();
      responses.emplace_back(std::move(answer));
    }
    return responses;
  }
};
BERTH_EXPORT_MODEL(Batcher)
