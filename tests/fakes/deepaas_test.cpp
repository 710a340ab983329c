// SPDX-License-Identifier: Apache-2.0
// Answers as the test model that DEEPaaS V2 ships: a response schema, three content types by the Accept header.
#include <berth/berth.h>

#include <chrono>
#include <thread>

namespace {

// A grey ramp, 30 x 13 pixels, as PNG in base64.
constexpr std::string_view kImageBase64 =
    "iVBORw0KGgoAAAANSUhEUgAAAB4AAAANCAQAAAAUexYcAAABiklEQVR42p3RA9eWBwAA0Gfn63T6Tp3MZbu2lm3bWlpYtm3btm17"
    "1VbbsrZs27r9h/f+hRsEIokuvmTS+UluhZVWWW2N/K6DHgYYYYIZFlhhgx0O+NMpl9zwQBAmslgSSimjX+RTTDnV1POb1jrrbbDR"
    "JpttsdU22+2wE876322PBRFFFVcSaWSRU0ElVVRTA821000/w4wzzTzLrLPNPkf964Jr7nkmCBdDAsml97M8iiijijoaa6mjngYa"
    "aaKZFlppo50O+stpl9300EtBFLElkkom2eVXXHnV1ddUG130McQYU8yxxBpb7PGHv51zxR1PvBFEE09SaWWVSyGlVFJLQy20111/"
    "w4033XzLrbfdfsecdNF19z33XhDTj1LIIJu8iiqrqrqaaKWTXgYZZZJZFlllk10OOe6M/9zyyCufBHEkllpmORRQQgU1/KqZtrrq"
    "a6ixppprqbW22uuIf5x31V1PvfVVENrwCx8EgtCGX/ssTBDa8DvfRBSENvzRD8IFoQ1/EUEU3wGlxUm9lkyqoAAAAABJRU5ErkJg"
    "gg==";

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int bit_count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    bits = (bits << 6 | static_cast<unsigned>(kDigits.find(c))) & 0xffffu;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(bits >> bit_count & 0xffu);
  }
  return bytes;
}

}  // namespace

class DeepaasTest : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "deepaas-test",
            .version = "0.0.1",
            .description = "No model at all: a placeholder to try the API with",
            .author = "Berth",
            .license = "Apache-2.0"};
  }

  berth::ArgSpecs get_test_args() const override {
    using berth::Arg;
    return {Arg("data").file().required().help("Data file to perform inference."),
            Arg("parameter").integer().required().help("This is a parameter for prediction"),
            Arg("parameter_three")
                .choices({"foo", "bar"})
                .help("This is a parameter that forces its value to be one of the choices declared in 'enum'"),
            Arg("accept")
                .choices({"application/json", "text/plain", "image/png"})
                .source(berth::ArgSource::header)
                .help("Media type(s) that is/are acceptable for the response.")};
  }

  berth::ArgSpecs get_train_args() const override {
    return {berth::Arg("sleep").integer().required(), berth::Arg("parameter_two").help("This is a string parameter.")};
  }

  berth::Json get_response_schema() const override {
    const berth::Json text = {{"type", "string"}};
    const berth::Json label = {{"type", "object"},
                               {"properties", {{"label", text}, {"probability", {{"type", "number"}}}}}};
    return {{"type", "object"},
            {"properties", {{"date", text}, {"labels", {{"type", "array"}, {"items", label}}}, {"data", text}}}};
  }

  void warm() override { host().debug("the test model warms up"); }

  berth::Response predict_data(const berth::Args& args) override {
    const std::string accept = args.text("accept", "application/json");
    if (accept == "image/png") return berth::Response::file("image/png", decode_base64(kImageBase64));
    const std::string url = "data:image/png;base64," + std::string(kImageBase64);
    if (accept == "text/plain") return berth::Response::file("text/plain", url);
    const berth::Json label = {{"label", "foo"}, {"probability", 1.0}};
    return berth::Json{{"date", "2019-01-1"}, {"labels", berth::Json::array({label})}, {"data", url}};
  }

  berth::Response train(const berth::Args& args) override {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(args.integer("sleep"));
    while (std::chrono::steady_clock::now() < end && !host().stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return berth::Json(nullptr);
  }
};
BERTH_EXPORT_MODEL(DeepaasTest)
