// SPDX-License-Identifier: Apache-2.0
// Image: an ELF file of this machine's kind, read here and there. Nothing in it is believed, and it is not mapped:
// it may be hostile, and it may be cut while it is read.
#pragma once

#include <elf.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::elf {

class Image {
 public:
  // Reads the tables by which a loader goes: header, segments, dynamic entries. invalid_argument: it is no whole
  // library or program of this machine; the message says what it is instead, with the advice that fixes it.
  // unavailable: this process lacks what it takes to look. [any, blocks]
  static Result<Image> open(const std::filesystem::path& path);

  // Two paths with one identity are one file.
  std::pair<dev_t, ino_t> identity() const { return identity_; }
  const Elf64_Ehdr& header() const { return header_; }
  const std::vector<Elf64_Phdr>& segments() const { return segments_; }
  const std::vector<Elf64_Dyn>& dynamic() const { return dynamic_; }  // without its end mark
  // Programs that can lie anywhere in memory have the type of a library; entries of theirs tell.
  bool is_program() const;
  // The first dynamic entry of that tag.
  std::optional<std::uint64_t> dynamic_value(Elf64_Sxword tag) const;
  // Where the bytes lie in the file that are at an address (of a dynamic entry, of a symbol) once it is loaded.
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
  // The text at an offset into the dynamic strings; none where it does not end within kMaxText bytes.
  std::optional<std::string> dynamic_text(std::uint64_t offset) const;

  // Whether that text is `text`.
  bool dynamic_text_is(std::uint64_t offset, std::string_view text) const;

  bool holds(std::uint64_t offset, std::uint64_t size) const { return offset <= size_ && size <= size_ - offset; }
  // False: they are not all there.
  bool read(std::uint64_t offset, void* bytes, std::size_t size) const {
    return holds(offset, size) &&
           ::pread(fd_.get(), bytes, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
  }
  template <typename T>
  std::optional<T> at(std::uint64_t offset) const {
    T value;
    if (!read(offset, &value, sizeof(T))) return std::nullopt;
    return value;
  }
  // Of `count` elements, which the caller has bounded.
  template <typename T>
  std::optional<std::vector<T>> table(std::uint64_t offset, std::size_t count) const {
    if (count > size_ / sizeof(T)) return std::nullopt;
    std::vector<T> values(count);
    if (!read(offset, values.data(), count * sizeof(T))) return std::nullopt;
    return values;
  }

  static constexpr std::size_t kMaxText = 16UL * 1024;  // names of C++ symbols are long

 private:
  Image(UniqueFd fd, std::uint64_t size, std::pair<dev_t, ino_t> identity)
      : fd_(std::move(fd)), size_(size), identity_(identity) {}
  Result<> read_tables();
  bool is_whole() const;
  bool read_dynamic();

  UniqueFd fd_;
  std::uint64_t size_;
  std::pair<dev_t, ino_t> identity_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Phdr> segments_;
  std::vector<Elf64_Dyn> dynamic_;
  std::uint64_t strings_ = 0;  // offset in the file
  std::uint64_t strings_size_ = 0;
};

}  // namespace berth::elf
