// SPDX-License-Identifier: Apache-2.0
// Trains: writes the next version of its package, well or badly.
#include <berth/berth.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void misbehave(const std::string& act, const fs::path& folder, const fs::path& scratch) {
  if (act == "nothing") {
    for (const auto& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
  } else if (act == "no_yaml") {
    fs::remove(folder / "model.yaml");
  } else if (act == "link") {
    fs::create_symlink("/etc/passwd", folder / "passwd");
  } else if (act == "pipe") {
    ::mkfifo((folder / "pipe").c_str(), 0600);
  } else if (act == "hard_link") {
    fs::create_hard_link(folder / "weights.txt", scratch / "again");
  } else if (act == "other_plugin") {
    std::ofstream(folder / "model.yaml") << "plugin: somebody_else\n";
  } else if (act == "replace") {
    fs::remove_all(folder);
    fs::create_directory_symlink("/etc", folder);
  } else if (act == "fail") {
    throw berth::Error(422, "nothing was learnt");
  }
}

}  // namespace

class Pupil : public berth::BaseModel {
 public:
  explicit Pupil(const berth::Package& package) : weights_(content_of(package.path() / "weights.txt")) {}

  berth::Metadata get_metadata() const override { return {.name = "pupil", .takes_files = false}; }
  berth::ArgSpecs get_train_args() const override {
    return {berth::Arg("weights").default_value("new"), berth::Arg("data").default_value(""),
            berth::Arg("act").default_value("")};
  }
  berth::Response predict_data(const berth::Args&) override { return berth::Json{{"weights", weights_}}; }

  berth::Response train(const berth::Args& args) override {
    const auto folder = host().new_package();
    const auto data = args.text("data");
    const auto weights = data.empty() ? args.text("weights") : content_of(host().data_file(data));
    fs::create_directory(folder / "deep");
    std::ofstream(folder / "model.yaml") << "plugin: pupil\n";
    std::ofstream(folder / "weights.txt") << weights;
    std::ofstream(folder / "deep" / "notes.txt") << "deep";
    misbehave(args.text("act"), folder, host().scratch_folder());
    return berth::Json{{"learnt", weights}};
  }

 private:
  std::string weights_;
};
BERTH_EXPORT_MODEL(Pupil)
