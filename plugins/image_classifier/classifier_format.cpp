// SPDX-License-Identifier: Apache-2.0
#include "image_classifier/classifier_format.h"

#include <array>
#include <fstream>

namespace berth::image_classifier {
namespace {

using vision::Channels;

Json read_json(const Package& package, const std::string& name) {
  std::ifstream file(package.file(name));
  try {
    return Json::parse(file);
  } catch (const Json::parse_error& error) {
    throw std::runtime_error(name + " is not JSON: " + error.what());
  }
}

bool is_size(const Json& value) {
  return value.is_number_integer() && value.get<long long>() >= 1 && value.get<long long>() <= kMaxSide;
}

// [height, width, channels]. Where `any_size` is, the first two may be null, as Keras writes them.
void read_shape(const ConfigSection& section, bool any_size, PackageConfig& into) {
  const auto* shape = section.find("input_shape");
  if (shape == nullptr && any_size) return;
  const auto& read = section.required("input_shape");
  const bool is_list = read.is_array() && read.size() == 3;
  const bool is_open = is_list && any_size && read[0].is_null() && read[1].is_null();
  const bool is_whole = is_list && is_size(read[0]) && is_size(read[1]);
  if ((!is_open && !is_whole) || (read[2] != 3 && read[2] != 1)) {
    section.fail("input_shape", "has to be [height, width, channels]: two whole numbers from 1 to " +
                                    std::to_string(kMaxSide) + ", and 3 or 1");
  }
  into.input.channels = read[2] == 1 ? Channels::grey : Channels::bgr;
  into.torch.image_shape = {read[2].get<int>(), 0, 0};
  if (is_open) return;
  into.input.height = read[0].get<int>();
  into.input.width = read[1].get<int>();
  into.torch.image_shape = {read[2].get<int>(), into.input.height, into.input.width};
}

void read_preprocessing(const ConfigSection& json, PackageConfig& into) {
  into.takes_any_size =
      json.required_one_of<bool>("img_preproc_type", {{"normalize_and_pad", false}, {"no_prepro", true}});
  into.input.channels = Channels::bgr;
  into.input.resize = vision::Resize::pad;
  into.input.pad_enlarges = false;
  into.input.background = vision::Background::drop;
  into.input.divide_by = 1;
  into.torch.image_shape = {3, 0, 0};
  if (into.takes_any_size && json.find("image_preproc_config") == nullptr) return;
  const ConfigSection section = json.section("image_preproc_config");
  read_shape(section, into.takes_any_size, into);
  if (into.takes_any_size) return;
  const auto& factor = section.required("normalization_factor");
  if (!factor.is_number() || !(factor.get<float>() > 0) || !std::isfinite(factor.get<float>())) {
    section.fail("normalization_factor", "has to be a number more than 0");
  }
  into.input.divide_by = factor.get<float>();
}

std::vector<std::string> read_classes(const ConfigSection& section) {
  const auto& classes = section.required("output_classes");
  std::vector<std::string> read;
  if (classes.is_array()) {
    for (const auto& name : classes) {
      if (name.is_string()) read.push_back(name.get<std::string>());
      if (name.is_number()) read.push_back(name.dump());
    }
  }
  if (read.empty() || read.size() != classes.size()) {
    section.fail("output_classes", "has to be a list of names, one per output of the network");
  }
  return read;
}

std::string model_file(const ConfigSection& json, const Package& package) {
  const auto name = json.text("model_name", package.name());
  if (name.empty() || name.find('/') != std::string::npos) json.fail("model_name", "has to be a name, and no path");
  return name + ".pt";
}

// What the file says of itself beside what is read; model.yaml's `metadata` goes before it.
void read_remarks(const ConfigSection& json, Metadata& metadata) {
  for (const char* key : {"model_name", "creation_time", "comments"}) {
    const auto* remark = json.find(key);
    if (remark != nullptr && !metadata.extra.contains(key)) metadata.extra[key] = *remark;
  }
}

// Both would say the same thing, and could contradict each other.
void refuse_what_the_file_says(const ConfigSection& model_yaml) {
  for (const char* key : {"labels", "output"}) {
    if (model_yaml.find(key) != nullptr) model_yaml.fail(key, "has no place beside config, whose file says it");
  }
}

}  // namespace

void read_classifier_format(const Package& package, const ConfigSection& model_yaml, PackageConfig& into) {
  refuse_what_the_file_says(model_yaml);
  const auto name = model_yaml.text("config", {});
  const auto document = read_json(package, name);
  const ConfigSection json(document, "", name);
  read_preprocessing(json, into);
  into.scores = json.required_one_of<Scores>("output_postproc_type", {{"argmax", Scores::as_given}});
  into.labels = read_classes(json.section("output_config"));
  into.model = package.file(model_yaml.text("model", model_file(json, package)));
  into.torch.layouts = {vision::Layout::channels_last, vision::Layout::channels_first};
  read_remarks(json, into.metadata);
}

}  // namespace berth::image_classifier
