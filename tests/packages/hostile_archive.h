// SPDX-License-Identifier: Apache-2.0
// HostileArchive: an archive as no `berth pack` writes it, entry by entry.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "packages/manifest.h"

namespace berth::packages {

inline std::string sha256_of(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

inline PackedFile packed(const std::string& path, std::string_view content) {
  return {path, content.size(), sha256_of(content)};
}

constexpr std::string_view kConfig = "plugin: packaged\n";

// A manifest of m/1 with a model.yaml (kConfig) and `files`.
inline Manifest manifest_of(std::vector<PackedFile> files) {
  Manifest manifest{"m", "1", "packaged", "0.1.0", std::move(files)};
  manifest.files.insert(manifest.files.begin(), packed("model.yaml", kConfig));
  return manifest;
}

class HostileArchive {
 public:
  // `options`: of libarchive; paths are written as the bytes that they are.
  explicit HostileArchive(const std::filesystem::path& path, int gzips = 1) : handle_(archive_write_new()) {
    archive_write_set_format_pax_restricted(handle_);
    for (int i = 0; i < gzips; ++i) archive_write_add_filter_gzip(handle_);
    archive_write_set_options(handle_, "hdrcharset=BINARY");
    EXPECT_EQ(archive_write_open_filename(handle_, path.c_str()), ARCHIVE_OK) << archive_error_string(handle_);
  }
  ~HostileArchive() { archive_write_free(handle_); }
  HostileArchive(const HostileArchive&) = delete;
  HostileArchive& operator=(const HostileArchive&) = delete;

  using Change = std::function<void(archive_entry*)>;

  void add(const std::string& path, std::string_view content, const Change& change = {}) {
    auto* entry = archive_entry_new();
    archive_entry_copy_pathname(entry, path.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    if (change) change(entry);
    EXPECT_GE(archive_write_header(handle_, entry), ARCHIVE_WARN) << archive_error_string(handle_);
    archive_write_data(handle_, content.data(), content.size());
    archive_entry_free(entry);
  }
  void add(const Manifest& manifest) { add(std::string(kManifestName), to_json(manifest)); }

  // The manifest, and the model.yaml that manifest_of() lists.
  void begin(const Manifest& manifest) {
    add(manifest);
    add("model.yaml", kConfig);
  }

 private:
  archive* handle_;
};

}  // namespace berth::packages
