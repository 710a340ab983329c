// SPDX-License-Identifier: Apache-2.0
// Media: the folder in which files of requests are kept, one folder a day, so that old ones are found without asking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace berth::records {

class Media {
 public:
  // "": nothing is kept.
  explicit Media(std::filesystem::path folder) : folder_(std::move(folder)) {}
  bool keeps() const { return !folder_.empty(); }

  // "<folder>/2026-11-22/<request id>-<number>", from 0 on. The server's user alone may look into the days.
  std::filesystem::path file_of(std::int64_t request_id, std::size_t number) const;

  // On disk when it returns. unavailable: none of them is kept. [blocks]
  Result<> keep(std::int64_t request_id, std::span<const Bytes> files) const;
  // Those that are not there are passed over. [blocks]
  void remove(std::int64_t request_id, std::size_t files) const;
  // All of the days that ended before `time` (microseconds since 1970). [blocks]
  void remove_days_before(std::int64_t time) const;

 private:
  std::filesystem::path day_of(std::int64_t request_id) const;

  std::filesystem::path folder_;
};

}  // namespace berth::records
