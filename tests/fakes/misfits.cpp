// SPDX-License-Identifier: Apache-2.0
// Models that each break one promise of a plugin and keep the others.
#include <berth/berth.h>

#include <cstdlib>

namespace {

class Model : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "misfit", .takes_files = false}; }
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("n").integer().default_value(1).range(0, 9)}; }
  berth::Response predict_data(const berth::Args& args) override { return berth::Json(args.integer("n")); }
};

// Its metadata has no name.
class Nameless : public Model {
  berth::Metadata get_metadata() const override { return {.description = "who am I", .takes_files = false}; }
};

// Its default is outside its own range.
class BadDefault : public Model {
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("n").integer().default_value(10).range(0, 9)}; }
};

// Answers with what is no JSON.
class BadJson : public Model {
  berth::Response predict_data(const berth::Args&) override { return berth::Response::json_text("{oops"); }
};

// Never answers the same twice.
class Fickle : public Model {
  berth::Response predict_data(const berth::Args&) override { return berth::Json(++calls_); }
  int calls_ = 0;
};

// Answers otherwise in a batch than alone.
class BadBatch : public Model {
  std::vector<berth::Response> predict_batch(const std::vector<berth::Args>& batch) override {
    std::vector<berth::Response> responses;
    for (const berth::Args& args : batch) {
      responses.emplace_back(berth::Json(args.integer("n") + static_cast<std::int64_t>(batch.size())));
    }
    return responses;
  }
};

// Loses a call of each batch.
class ShortBatch : public Model {
  std::vector<berth::Response> predict_batch(const std::vector<berth::Args>& batch) override {
    std::vector<berth::Response> responses;
    for (std::size_t i = 1; i < batch.size(); ++i) responses.emplace_back(berth::Json(batch[i].integer("n")));
    return responses;
  }
};

// Fails on the arguments that it declares as good.
class Failing : public Model {
  berth::Response predict_data(const berth::Args& args) override { return berth::Json(args.text("n")); }
};

// Reads PNG and nothing else, and takes everything else for its own failure.
class Fragile : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "misfit"}; }
  berth::Response predict_data(const berth::Args& args) override {
    const std::string_view bytes = args.files().at(0).bytes();
    if (bytes.substr(0, 4) != "\x89PNG") fail();
    return berth::Json(bytes.size());
  }

 private:
  virtual void fail() { throw std::runtime_error("this is no PNG"); }
};

// The same, and dies of it.
class Dying : public Fragile {
  void fail() override { std::abort(); }
};

}  // namespace

BERTH_EXPORT_MODELS(Nameless, BadDefault, BadJson, Fickle, BadBatch, ShortBatch, Failing, Fragile, Dying)
