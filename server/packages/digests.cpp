// SPDX-License-Identifier: Apache-2.0
#include "packages/digests.h"

#include <map>
#include <string>
#include <system_error>

#include "base/sha256.h"
#include "packages/manifest.h"
#include "packages/names.h"

namespace berth::packages {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> bad(const std::string& what) { return failure(Code::invalid_argument, what); }

// Reads each file once, whoever asks for it.
class Checker {
 public:
  explicit Checker(const fs::path& folder) : folder_(folder) {}

  // `source`: who says what it should be, for people.
  Result<> check(const std::string& path, const std::string& expected, const std::string& source) {
    auto found = digest_of(path);
    if (!found) return bad(source + " names " + printable(path) + ": " + found.error().message);
    if (*found == expected) return {};
    return bad(printable(path) + " is not the file that " + source + " names: expected sha256 " + expected +
               ", found " + *found);
  }

 private:
  Result<std::string> digest_of(const std::string& path) {
    if (const auto known = known_.find(path); known != known_.end()) return known->second;
    if (auto problem = path_problem(path); !problem.empty()) return bad(problem);
    std::error_code error;
    const auto root = fs::canonical(folder_, error);
    if (error) return bad(error.message());
    const auto file = fs::canonical(root / path, error);
    if (error == std::errc::no_such_file_or_directory) return bad("there is no such file");
    if (error) return bad(error.message());
    // Links within the package are fine, a link that leads out is not.
    if (*file.lexically_relative(root).begin() == "..") return bad("it lies outside of the package");
    auto digest = digest_of_file(file);
    if (!digest) return failure(std::move(digest).error());
    return known_[path] = digest->sha256;
  }

  fs::path folder_;
  std::map<std::string, std::string> known_;
};

Result<> check_block(Checker& checker, const json::Value& block) {
  constexpr const char* kForm = "model.yaml: `sha256` must be a mapping of files to their 64 hexadecimal digits";
  if (!block.IsObject()) return bad(kForm);
  for (const auto& member : block.GetObject()) {
    const std::string path(json::view(member.name));
    const auto expected = member.value.IsString() ? normal_hex(json::view(member.value)) : "";
    if (expected.empty()) return bad(std::string(kForm) + ": " + printable(path) + " has none");
    if (auto checked = checker.check(path, expected, "model.yaml"); !checked) return checked;
  }
  return {};
}

Result<> check_manifest(Checker& checker, const Manifest& manifest) {
  for (const auto& file : manifest.files) {
    auto checked = checker.check(file.path, file.sha256, std::string(kManifestName));
    if (!checked) return bad(checked.error().message + " (where it was changed on purpose, remove the manifest)");
  }
  return {};
}

}  // namespace

Result<> check_digests(const fs::path& folder, const json::Value& config) {
  Checker checker(folder);
  if (const auto* block = json::find(config, "sha256"); block != nullptr && !block->IsNull()) {
    if (auto checked = check_block(checker, *block); !checked) return checked;
  }
  const auto manifest = read_manifest(folder);
  if (!manifest) return failure(manifest.error());
  return *manifest ? check_manifest(checker, **manifest) : Result<>();
}

}  // namespace berth::packages
