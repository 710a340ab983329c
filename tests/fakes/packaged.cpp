// SPDX-License-Identifier: Apache-2.0
// Made from a package: answers with what its model.yaml and a file beside it say, and uses host and scratch folder.
#include <berth/berth.h>

#include <fstream>
#include <iterator>

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

class Packaged : public berth::BaseModel {
 public:
  explicit Packaged(const berth::Package& package, const berth::Host& host)
      : name_(package.name()), version_(package.version()), config_(package.config()) {
    if (config_.contains("labels")) labels_ = content_of(package.file(config_["labels"].get<std::string>()));
    std::ofstream(host.scratch_folder() / "made") << name_;
  }

  berth::Metadata get_metadata() const override {
    return {.name = name_, .version = version_, .description = "Made from a package", .takes_files = false};
  }
  berth::Response predict_data(const berth::Args&) override {
    return berth::Json{{"package", name_},
                       {"version", version_},
                       {"config", config_},
                       {"labels", labels_},
                       {"scratch", content_of(host().scratch_folder() / "made")}};
  }

 private:
  std::string name_;
  std::string version_;
  berth::Json config_;
  std::string labels_;
};
BERTH_EXPORT_MODEL(Packaged)
