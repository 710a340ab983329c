// SPDX-License-Identifier: Apache-2.0
// Symbols: what a library or program defines, and what it needs others to define, as a loader finds it: through hash
// tables and version tables, so that a library of a hundred thousand symbols is asked without being read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/image.h"

namespace berth::elf {

// A symbol's name with its hashes, reckoned once for all libraries that are asked for it.
struct SymbolName {
  explicit SymbolName(std::string name);
  std::string text;
  std::uint32_t gnu_hash = 0;
  std::uint32_t hash = 0;
};

class Symbols {
 public:
  // `image` must outlive it. A table that makes no sense is as good as absent.
  explicit Symbols(const Image& image);

  struct Undefined {
    std::uint32_t index;
    SymbolName name;
    std::string version;       // "" = whichever there is
    std::string version_file;  // the library that is to have that version
  };
  // Those that a loader cannot do without: not weak, not hidden. At most `most`.
  std::vector<Undefined> undefined(std::size_t most) const;
  // Of these, those that a relocation refers to: no loader looks for the others.
  std::vector<Undefined> referenced(std::vector<Undefined> candidates) const;

  // What it defines for others under that name. `steps` is counted down by what a look-up costs; at 0 it finds nothing.
  std::optional<Elf64_Sym> find(const SymbolName& name, std::string_view version, std::uint64_t& steps) const;

  struct Version {
    std::string name;
    std::string file;
    bool weak;
  };
  const std::vector<Version>& required_versions() const { return required_; }
  // Empty: it has none, and satisfies whichever is required.
  const std::vector<std::string>& defined_versions() const { return defined_; }
  // Bytes, about.
  std::size_t memory() const;

 private:
  struct Table {
    std::uint64_t offset = 0;
    std::uint32_t first = 0;  // the first symbol that is in it
    std::uint32_t shift = 0;
    std::vector<std::uint64_t> bloom;
    std::vector<std::uint32_t> buckets;  // empty: there is no such table
  };
  std::optional<std::uint64_t> table_at(Elf64_Sxword tag) const;
  void read_gnu_table();
  void read_old_table();
  void read_required();
  void read_defined();
  std::string version_text(std::uint64_t offset) const;
  void name_version(std::uint16_t index, std::string name, std::string file);
  bool fits(std::uint32_t index, const Elf64_Sym& symbol, std::string_view name, std::string_view version) const;
  std::optional<Elf64_Sym> find_gnu(const SymbolName& name, std::string_view version, std::uint64_t& steps) const;
  std::optional<Elf64_Sym> find_old(const SymbolName& name, std::string_view version, std::uint64_t& steps) const;

  const Image& image_;
  std::uint64_t symbols_ = 0;              // offset in the file
  std::optional<std::uint64_t> versions_;  // of each symbol; offset in the file
  Table gnu_, old_;
  std::uint32_t symbol_count_ = 0;  // of those that may be undefined
  struct Named {
    std::string name, file;
  };
  std::vector<Named> names_;  // by the version's index
  std::vector<Version> required_;
  std::vector<std::string> defined_;
};

}  // namespace berth::elf
