// SPDX-License-Identifier: Apache-2.0
#include "identity/secret_files.h"

#include <sys/stat.h>

#include "base/files.h"
#include "identity/api_key.h"

namespace berth::identity {
namespace {

constexpr std::uint64_t kMaxSecretBytes = 64UL * 1024;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

}  // namespace

Result<std::string> read_secret(const std::filesystem::path& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & kOthers) != 0) {
    return failure(Code::forbidden, file.string() + ": others may read it; chmod 600 mends that");
  }
  auto text = read_file(file, kMaxSecretBytes);
  if (!text) return text;
  const auto first = text->find_first_not_of(" \t\r\n");
  if (first == text->npos) return failure(Code::unavailable, file.string() + ": it is empty");
  return text->substr(first, text->find_last_not_of(" \t\r\n") - first + 1);
}

Result<> write_secret(const std::filesystem::path& file, std::string_view secret) {
  return replace_file(file, std::string(secret).append("\n"), {.mode = 0600});
}

Result<std::string> read_or_make_secret(const std::filesystem::path& file) {
  auto secret = read_secret(file);
  if (secret || secret.error().code != Code::not_found) return secret;
  auto made = make_api_key().secret;
  if (auto written = write_secret(file, made); !written) return tl::unexpected<Error>(written.error());
  return made;
}

}  // namespace berth::identity
