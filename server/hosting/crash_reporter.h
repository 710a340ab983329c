// SPDX-License-Identifier: Apache-2.0
// CrashReporter: writes reports of workers' deaths, on a thread of its own; names are looked up in a child process.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/scratch_folder.h"
#include "base/task_threads.h"
#include "hosting/crash_report.h"
#include "hosting/crash_store.h"

namespace berth::hosting {

class CrashReporter {
 public:
  struct Options {
    std::filesystem::path folder;  // "": one in a ScratchFolder
    CrashStore::Limits limits;
    bool keep_input = false;           // whether what clients sent may be kept
    std::filesystem::path symbolizer;  // berth-symbolize; where it is missing, frames have no names
  };

  // unavailable: the folder cannot be made.
  static Result<std::shared_ptr<CrashReporter>> create(Options options);
  // Writes what it was told of until then, without looking up any more names. [blocks]
  ~CrashReporter();

  const CrashStore& store() const { return *store_; }
  bool keeps_input() const { return options_.keep_input; }

  // Of more than it can keep up with it forgets the newest. It answers nobody: what cannot be written, the log tells.
  // [any]
  void report(Death&& death);
  // The calls that a worker had, in the order of their batch; before or after its report. Nothing where inputs are not
  // kept; what is forgotten, too large or cannot be written, the log tells. [any]
  void keep_input(const std::string& id, std::vector<Call> calls);

 private:
  CrashReporter(Options options, std::unique_ptr<CrashStore> store, std::unique_ptr<ScratchFolder> own_folder);
  void add(std::function<void()> job);
  void write(Death&& death);
  void save(const CrashReport& report);

  const Options options_;
  const std::unique_ptr<ScratchFolder> own_folder_;
  const std::unique_ptr<CrashStore> store_;
  std::map<std::string, std::pair<std::string, std::string>> digests_;  // [its thread] file → build id, SHA-256
  std::atomic<bool> ending_ = false;
  TaskThreads thread_;  // last: it uses the others
};

// Fills in functions, files and lines, as far as they are known. `timeout`: it is given up then. [any, blocks]
Result<> symbolize(std::vector<StackFrame>& stack, const std::string& maps, const std::filesystem::path& symbolizer,
                   std::chrono::milliseconds timeout, const std::atomic<bool>* stop);

}  // namespace berth::hosting
