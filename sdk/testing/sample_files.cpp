// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/sample_files.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "hosting/package.h"

namespace berth::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1UL << 20;
constexpr std::uint64_t kMaxSampleBytes = 1UL << 30;

// 8 x 8 grey pixels.
constexpr unsigned char kPng[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
    0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x00, 0x00, 0x00, 0x00, 0xe1, 0x64, 0xe1, 0x57, 0x00, 0x00, 0x00,
    0x30, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x10, 0x50, 0x30, 0x70, 0x08, 0x48, 0x28, 0x60, 0xe0,
    0x90, 0xd0, 0xb0, 0xf0, 0x88, 0xc8, 0xa8, 0x80, 0x09, 0x34, 0x30, 0x40, 0x05, 0x3a, 0x18, 0xa0, 0x02, 0x13,
    0x18, 0xa0, 0x02, 0x33, 0x18, 0xa0, 0x02, 0x0b, 0x18, 0xa0, 0x02, 0x2b, 0x00, 0x80, 0xe6, 0x15, 0x01, 0x08,
    0x90, 0x4d, 0xcd, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

void add_files_of(const fs::path& folder, std::vector<fs::path>& paths) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  paths.insert(paths.end(), found.begin(), found.end());
}

// What is wrong in model.yaml is said where the model is loaded.
void add_files_of_self_test(const fs::path& package, std::vector<fs::path>& paths) {
  const auto yaml = read_file(package / "model.yaml", kMaxConfigBytes);
  const auto text = yaml ? hosting::yaml_to_json(*yaml) : std::string("{}");
  const auto config = json::parse(text ? *text : "{}");
  const auto* cases = config ? json::find(*config, "self_test") : nullptr;
  if (cases == nullptr || !cases->IsArray()) return;
  for (const auto& one : cases->GetArray()) {
    const auto* file = one.IsObject() ? json::find(one, "file") : nullptr;
    if (file != nullptr && file->IsString()) paths.push_back(package / json::view(*file));
  }
}

std::vector<fs::path> files_of_package(const fs::path& package) {
  std::vector<fs::path> paths;
  if (package.empty()) return paths;
  add_files_of(package / "samples", paths);
  add_files_of(package / ".." / "samples", paths);
  add_files_of_self_test(package, paths);
  return paths;
}

void add_sample(hosting::File file, Samples& samples) {
  const auto same = [&](const Sample& sample) { return sample.file.bytes.view() == file.bytes.view(); };
  if (std::ranges::any_of(samples.each, same)) return;
  samples.each.push_back({std::move(file), "https://example.org/samples/" + std::to_string(samples.each.size())});
}

}  // namespace

const hosting::File& Samples::fetched(std::string_view url) const {
  const auto found = std::ranges::find(each, url, &Sample::url);
  return found == each.end() ? each.front().file : found->file;
}

Result<Samples> find_samples(const std::vector<fs::path>& given, const fs::path& package) {
  Samples samples;
  for (const auto& path : given.empty() ? files_of_package(package) : given) {
    auto bytes = read_file(path, kMaxSampleBytes);
    if (!bytes && !given.empty()) return failure(bytes.error());
    if (!bytes) continue;
    add_sample({"data", path.filename().string(), "application/octet-stream", Bytes(*std::move(bytes))}, samples);
  }
  samples.made_up = samples.each.empty();
  if (samples.made_up) {
    add_sample({"data", "sample.png", "image/png", Bytes(std::string(std::begin(kPng), std::end(kPng)))}, samples);
  }
  return samples;
}

}  // namespace berth::conformance
