// SPDX-License-Identifier: Apache-2.0
// CrashStore: crash reports as files of a folder, so many and so large; the oldest go first.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "hosting/call.h"
#include "hosting/crash_report.h"

namespace berth::hosting {

// What the list shows of a report.
struct CrashEntry {
  std::string id, time, model, version, summary;
};

// <id>.json is a report, <id>.input/ the calls that its worker had. Nobody but the server's user can read them.
// One thread writes, any may read meanwhile: files are written and read without a lock, so a report is whole before the
// index has it, and leaves the index before its files go.
class CrashStore {
 public:
  struct Limits {
    std::size_t max_reports = 200;
    std::size_t max_bytes = 64UL * 1024 * 1024;  // files together; the newest report stays in any case
  };

  // Makes the folder where it is missing, and reads what is there. unavailable.
  static Result<std::unique_ptr<CrashStore>> open(std::filesystem::path folder, Limits limits);

  // In place of the one with the same id. unavailable: it cannot be written. [one thread, blocks]
  Result<> save(const CrashReport& report);
  // The `index`th call that the worker had. too_large: it and those before it are more than half of what everything may
  // be, and no more of it is kept; unavailable: it cannot be written. [the same thread, blocks]
  Result<> save_input(const std::string& id, std::size_t index, const Call& call);

  std::vector<CrashEntry> list() const;  // newest first. [any]
  // The report as JSON, with the names of the files that are kept of its calls. not_found, too where it is dropped
  // meanwhile. [any, reads one small file and the names in a folder]
  Result<std::string> get(std::string_view id) const;

 private:
  struct Kept {
    CrashEntry entry;  // its summary is empty while there is no report, only calls
    std::size_t report_bytes = 0, input_bytes = 0;
  };
  CrashStore(std::filesystem::path folder, Limits limits) : folder_(std::move(folder)), limits_(limits) {}
  void read_folder();
  Result<> write_input(const std::string& id, std::size_t index, const Call& call, std::size_t& input_bytes) const;
  std::vector<std::string> take_oldest();  // their ids, out of the index
  void drop_oldest();
  std::filesystem::path report_file(std::string_view id) const;
  std::filesystem::path input_folder(std::string_view id) const;

  const std::filesystem::path folder_;
  const Limits limits_;
  mutable Mutex mutex_;
  std::map<std::string, Kept, std::less<>> kept_ BERTH_GUARDED_BY(mutex_);  // by id, and so by time
};

}  // namespace berth::hosting
