// SPDX-License-Identifier: Apache-2.0
#include "image_classifier/package_config.h"

#include <algorithm>

#include "image_classifier/classifier_format.h"
#include "image_classifier/config_section.h"
#include "vision/ranking.h"

namespace berth::image_classifier {
namespace {

constexpr long long kMaxPixelsLimit = 1'000'000'000;
constexpr long long kMaxBatchLimit = 1024;

void read_size(const ConfigSection& section, vision::Preprocessing& input) {
  for (const char* key : {"width", "height"}) {
    if (section.find(key) == nullptr) section.fail(key, "is missing: the size of image that the network takes");
  }
  input.width = static_cast<int>(section.integer("width", 0, 1, kMaxSide));
  input.height = static_cast<int>(section.integer("height", 0, 1, kMaxSide));
  using vision::Resize;
  input.resize = section.one_of("resize", input.resize,
                                {{"stretch", Resize::stretch}, {"crop", Resize::crop}, {"pad", Resize::pad}});
  const int longer = std::max(input.width, input.height);
  input.shorter_side = static_cast<int>(section.integer("shorter_side", longer, longer, kMaxSide));
  input.pad_enlarges = section.boolean("pad_enlarges", input.pad_enlarges);
  input.pad_value = static_cast<int>(section.integer("pad_value", 0, 0, 255));
  using vision::Interpolation;
  input.interpolation = section.one_of(
      "interpolation", input.interpolation,
      {{"linear", Interpolation::linear}, {"area", Interpolation::area}, {"auto", Interpolation::automatic}});
}

void read_numbers(const ConfigSection& section, vision::Preprocessing& input) {
  const auto channels = static_cast<std::size_t>(input.channel_count());
  input.divide_by = section.numbers("divide_by", input.divide_by, 1).front();
  if (input.divide_by <= 0) section.fail("divide_by", "has to be more than 0");
  std::ranges::copy(section.numbers("mean", 0, channels), input.mean.begin());
  const auto deviation = section.numbers("std", 1, channels);
  if (std::ranges::any_of(deviation, [](float value) { return value <= 0; })) {
    section.fail("std", "has to be more than 0");
  }
  std::ranges::copy(deviation, input.deviation.begin());
}

void read_decoding(const ConfigSection& section, vision::Preprocessing& input) {
  using vision::Background;
  input.background =
      section.one_of("transparent", input.background,
                     {{"white", Background::white}, {"black", Background::black}, {"drop", Background::drop}});
  input.max_pixels = static_cast<std::uint64_t>(
      section.integer("max_pixels", static_cast<long long>(input.max_pixels), 1, kMaxPixelsLimit));
}

vision::Preprocessing read_input(const Json& json) {
  const ConfigSection section(json, "input");
  section.allow_only({"width", "height", "channels", "resize", "shorter_side", "pad_enlarges", "pad_value",
                      "interpolation", "divide_by", "mean", "std", "max_pixels", "transparent", "scaled_decoding"});
  vision::Preprocessing input;
  using vision::Channels;
  input.channels = section.one_of("channels", input.channels,
                                  {{"rgb", Channels::rgb}, {"bgr", Channels::bgr}, {"grey", Channels::grey}});
  read_decoding(section, input);
  input.scaled_decoding = section.boolean("scaled_decoding", input.scaled_decoding);
  read_size(section, input);
  read_numbers(section, input);
  return input;
}

// A file with one label a line, or the labels themselves.
std::vector<std::string> read_labels(const ConfigSection& section, const Package& package) {
  const auto* labels = section.find("labels");
  if (labels == nullptr || labels->is_string()) {
    return vision::read_labels(package.file(section.text("labels", "labels.txt")));
  }
  std::vector<std::string> read;
  if (!labels->is_array()) section.fail("labels", "has to be a file's name or a list");
  for (const auto& label : *labels) read.push_back(label.is_string() ? label.get<std::string>() : label.dump());
  return read;
}

// What the package says of itself, whole; the name that it is served under where it gives none.
Metadata read_metadata(const ConfigSection& section, const Package& package) {
  Metadata metadata{.name = package.name(), .version = package.version()};
  if (const auto* json = section.find("metadata")) {
    if (!json->is_object()) section.fail("metadata", "has to be a mapping");
    metadata.extra = *json;
  }
  return metadata;
}

// Everything but the files is in model.yaml.
void read_plain_format(const Package& package, const ConfigSection& section, PackageConfig& into) {
  if (section.find("input") == nullptr) section.fail("input", "is missing: how images are made into numbers");
  into.input = read_input(*section.find("input"));
  into.model = package.file(section.text("model", "model.pt"));
  into.labels = read_labels(section, package);
  into.scores = section.one_of("output", into.scores,
                               {{"logits", Scores::of_logits}, {"probabilities", Scores::of_probabilities}});
  into.torch.image_shape = {into.input.channel_count(), into.input.height, into.input.width};
}

// What model.yaml may say beside `config`.
void read_decoding_beside(const ConfigSection& model_yaml, PackageConfig& into) {
  if (model_yaml.find("input") == nullptr) return;
  const auto section = model_yaml.section("input");
  section.allow_only({"max_pixels", "transparent"});
  read_decoding(section, into.input);
}

void read_torch(const ConfigSection& section, TorchOptions& torch) {
  torch.device = section.one_of("device", Device::cpu,
                                {{"cpu", Device::cpu}, {"cuda", Device::cuda}, {"auto", Device::automatic}});
  torch.optimize = section.boolean("optimize", torch.optimize);
  torch.max_batch = static_cast<std::size_t>(section.integer("max_batch", 8, 1, kMaxBatchLimit));
  using vision::Layout;
  if (section.find("layout") == nullptr) return;
  torch.layouts = {section.required_one_of<Layout>(
      "layout", {{"channels_first", Layout::channels_first}, {"channels_last", Layout::channels_last}})};
}

}  // namespace

PackageConfig read_package_config(const Package& package) {
  const ConfigSection section(package.config(), "");
  PackageConfig config;
  config.metadata = read_metadata(section, package);
  if (section.find("config") == nullptr) {
    read_plain_format(package, section, config);
  } else {
    read_classifier_format(package, section, config);
    read_decoding_beside(section, config);
  }
  read_torch(section, config.torch);
  // A network that was optimised must not be fed what it may reject: see TorchModule.
  if (config.takes_any_size) config.torch.optimize = false;
  config.torch.output_count = config.labels.size();
  return config;
}

}  // namespace berth::image_classifier
