// SPDX-License-Identifier: Apache-2.0
// FolderWatch: says when something below some folders has changed and come to rest.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::hosting {

// Made, used and destroyed on its loop's thread. Names that begin with a dot are not looked at: what is being written
// can be kept under such a name until it is whole. One of the folders may be missing, and may come later. [loop]
class FolderWatch {
 public:
  struct Options {
    std::vector<std::filesystem::path> folders;
    std::size_t depth = 4;                         // folders below folders that are looked at
    std::chrono::milliseconds settle{500};         // so long nothing may change
    std::chrono::milliseconds max_unrest{30'000};  // where something changes all the time, it is said each so often
  };

  // `on_settled` is told on the loop. unavailable: the system has no watches left, with the setting that grants more.
  static Result<std::unique_ptr<FolderWatch>> start(Loop& loop, Options options, std::function<void()> on_settled);

 private:
  struct Watched {
    std::filesystem::path folder;
    std::string only;  // not empty: the one name in it that counts
  };

  FolderWatch(Loop& loop, Options options, std::function<void()> on_settled)
      : loop_(loop), options_(std::move(options)), on_settled_(std::move(on_settled)) {}
  Result<> watch_everything();
  Result<> watch_tree(const std::filesystem::path& folder, std::size_t depth);
  Result<> watch_folder(const std::filesystem::path& folder, std::string only);
  void on_readable();
  bool counts(int descriptor, const char* name, std::size_t size) const;
  void come_to_rest();

  Loop& loop_;
  const Options options_;
  const std::function<void()> on_settled_;
  UniqueFd inotify_;
  std::map<int, Watched> watched_;  // by watch descriptor
  Loop::Watch readable_;
  Loop::Timer settled_;
  Loop::Clock::time_point restless_since_;
  bool restless_ = false;
};

}  // namespace berth::hosting
