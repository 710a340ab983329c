// SPDX-License-Identifier: Apache-2.0
#include "records/media.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "base/files.h"
#include "base/utc.h"

namespace berth::records {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDay = "%Y-%m-%d";

std::string day_text(std::int64_t microseconds) { return utc_text(from_microseconds(microseconds), kDay); }

bool is_day(const std::string& name) {
  return name.size() == 10 && name.find_first_not_of("0123456789-") == name.npos && name[4] == '-' && name[7] == '-';
}

}  // namespace

fs::path Media::day_of(std::int64_t request_id) const { return folder_ / day_text(request_id); }

fs::path Media::file_of(std::int64_t request_id, std::size_t number) const {
  return day_of(request_id) / std::to_string(request_id).append("-").append(std::to_string(number));
}

Result<> Media::keep(std::int64_t request_id, std::span<const Bytes> files) const {
  std::error_code error;
  const auto day = day_of(request_id);
  // Only what is made here is closed to others: an operator's folder is as they want it.
  const bool is_new = fs::create_directories(folder_, error);
  if (!error && is_new) fs::permissions(folder_, fs::perms::owner_all, error);
  if (!error && fs::create_directory(day, error)) {
    fs::permissions(day, fs::perms::owner_all, error);
    if (!error && !sync_folder_of(day)) error = {errno, std::generic_category()};
  }
  if (error) return failure(Code::unavailable, "the folder " + day.string() + ": " + error.message());
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto kept = replace_file(file_of(request_id, i), files[i].view(), {.mode = 0600});
    if (kept) continue;
    remove(request_id, files.size());
    return kept;
  }
  return {};
}

void Media::remove(std::int64_t request_id, std::size_t files) const {
  std::error_code ignored;
  for (std::size_t i = 0; i < files; ++i) fs::remove(file_of(request_id, i), ignored);
}

void Media::remove_days_before(std::int64_t time) const {
  std::error_code error;
  const auto first = day_text(time);
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const auto name = entry.path().filename().string();
    if (is_day(name) && name < first) fs::remove_all(entry.path(), error);
  }
}

}  // namespace berth::records
