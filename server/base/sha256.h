// SPDX-License-Identifier: Apache-2.0
// Sha256: the digest by which files are known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// OpenSSL's context, under the name that its headers give it.
struct evp_md_ctx_st;

namespace berth {

class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  // 64 small hexadecimal digits; ends the run, nothing may follow.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

struct FileDigest {
  std::uint64_t size = 0;
  std::string sha256;
};

// Reads the whole file: about 0.5 GB a second and more. Blocks. invalid_argument: it is no file (a link is none), or
// cannot be read. [any]
Result<FileDigest> digest_of_file(const std::filesystem::path& path);

// 64 hexadecimal digits, as small ones; "" where `text` is something else.
std::string normal_hex(std::string_view text);

}  // namespace berth
