// SPDX-License-Identifier: Apache-2.0
// Closure: a program with the libraries it needs, then a library that it opens with those that this one needs, found as
// the system's loader finds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/file.h"
#include "elf/image.h"
#include "elf/library_search.h"
#include "elf/symbols.h"

namespace berth::elf {

// One file that is there.
struct Module {
  Module(std::filesystem::path where, Image what, const Module* for_whom)
      : path(std::move(where)), image(std::move(what)), file(File::read(image)), symbols(image), needed_by(for_whom) {}
  Module(const Module&) = delete;  // its symbols refer to its image
  Module& operator=(const Module&) = delete;

  std::size_t memory() const;  // bytes, about

  std::filesystem::path path;
  Image image;
  File file;
  Symbols symbols;
  const Module* needed_by;         // null: the program or the library itself
  std::vector<std::string> names;  // by which it was asked for, and its own
};

struct Missing {
  std::string name;
  const Module* needed_by;
  std::string reason;  // why the file of that name that is there does not do; "" = there is none
};

class Closure {
 public:
  explicit Closure(const LibrarySearch& search) : search_(search) {}

  // Adds a file and, level by level, all that it needs and that is not there yet. invalid_argument: it is no library.
  // unavailable: there is too much of it, or no descriptors are left.
  Result<const Module*> add(const std::filesystem::path& path);

  const std::vector<std::unique_ptr<Module>>& modules() const { return modules_; }
  const std::vector<Missing>& missing() const { return missing_; }
  // Null where it was not found.
  const Module* find(std::string_view name) const;

 private:
  Result<> add_needed(const Module& module, const std::string& name);
  std::vector<std::filesystem::path> candidates(const Module& module, const std::string& name) const;

  const LibrarySearch& search_;
  std::vector<std::unique_ptr<Module>> modules_;
  std::vector<Missing> missing_;
  std::size_t memory_ = 0;
};

}  // namespace berth::elf
