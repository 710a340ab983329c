// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "base/text.h"
#include "base/unique_fd.h"

namespace berth {
namespace {

constexpr std::size_t kBlockBytes = 256UL * 1024;

tl::unexpected<Error> unreadable(int error) {
  return failure(Code::invalid_argument, "it cannot be read: " + std::generic_category().message(error));
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  if (EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::runtime_error("SHA-256 is not there");
}

void Sha256::update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::runtime_error("SHA-256 failed");
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) throw std::runtime_error("SHA-256 failed");
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

Result<FileDigest> digest_of_file(const std::filesystem::path& path) {
  // Without O_NONBLOCK a pipe would be waited on for ever.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return unreadable(errno);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return unreadable(errno);
  if (!S_ISREG(status.st_mode)) return failure(Code::invalid_argument, "it is no file");
  FileDigest found;
  Sha256 hash;
  std::vector<char> block(kBlockBytes);
  while (true) {
    const auto size = ::read(file.get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return unreadable(errno);
    if (size == 0) break;
    hash.update({block.data(), static_cast<std::size_t>(size)});
    found.size += static_cast<std::uint64_t>(size);
  }
  found.sha256 = hash.hex();
  return found;
}

std::string normal_hex(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  auto small = to_lower(text);
  const bool good = small.size() == kDigits && small.find_first_not_of("0123456789abcdef") == small.npos;
  return good ? small : "";
}

}  // namespace berth
