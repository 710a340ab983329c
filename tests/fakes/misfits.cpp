// SPDX-License-Identifier: Apache-2.0
// Models that each break one promise of a plugin and keep the others.
#include <berth/berth.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

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

// Never answers the same URL twice.
class FickleUrl : public Model {
  berth::Response predict_url(const berth::Args&) override { return berth::Json(++calls_); }
  int calls_ = 0;
};

// Declares that any text will do, and fails on the empty one.
class Hasty : public Model {
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("word").default_value("a")}; }
  berth::Response predict_data(const berth::Args& args) override {
    return berth::Json(std::string(1, args.text("word").at(0)));
  }
};

// Trains to what is no JSON.
class BadTraining : public Model {
  berth::Response train(const berth::Args&) override { return berth::Response::json_text("{oops"); }
};

// Trains for ever, whatever it is told.
class Deaf : public Model {
  berth::Response train(const berth::Args&) override {
    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
  }
};

// Trains until it is told to stop, as it should.
class Patient : public Model {
  berth::Response train(const berth::Args&) override {
    while (!host().stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return berth::Json("what there is");
  }
};

// Trains with an argument that only its caller knows.
class Choosy : public Model {
  berth::ArgSpecs get_train_args() const override { return {berth::Arg("corpus").required()}; }
  berth::Response train(const berth::Args&) override { return berth::Json(1); }
};

// Refuses whatever it is given, alone and in a batch.
class Refusing : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "misfit"}; }
  berth::Response predict_data(const berth::Args&) override { throw berth::Error(422, "not for me"); }
  berth::Response predict_url(const berth::Args&) override { throw berth::Error(422, "not for me"); }
  std::vector<berth::Response> predict_batch(const std::vector<berth::Args>&) override {
    throw berth::Error(422, "not for me");
  }
};

// Refuses its own defaults.
class Contrary : public Model {
  berth::Response predict_data(const berth::Args&) override { throw berth::Error(422, "not for me"); }
};

}  // namespace

BERTH_EXPORT_MODELS(Nameless, BadDefault, BadJson, Fickle, BadBatch, ShortBatch, Failing, Fragile, Dying, FickleUrl,
                    Hasty, BadTraining, Deaf, Patient, Choosy, Refusing, Contrary)
