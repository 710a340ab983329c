// SPDX-License-Identifier: Apache-2.0
// CrashReport: what is known of a worker's death: of what it died, where, at what, and with which plugin.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hosting/model.h"
#include "hosting/spawn.h"
#include "worker/crash_record.h"

namespace berth::hosting {

// A worker's death as the server saw it, with what the worker itself left of it.
struct Death {
  std::string id;  // of the report
  std::chrono::system_clock::time_point time;
  Source source;
  int pid = 0;
  Exit exit;
  std::string killed_because;  // "": the server did not kill it
  std::string process_state;   // "T (stopped)" and the like, of one that was killed; "" = not known
  bool was_ready = false;
  std::vector<std::string> request_ids;           // of the calls that it had
  std::string last_words;                         // the last lines that it printed or logged
  std::unique_ptr<worker::CrashRecord> record{};  // a copy; the plugin could write to it
};

struct StackFrame {
  std::uint64_t address = 0;
  std::string module;        // a path; "" = in no file
  std::uint64_t offset = 0;  // in the module's file
  bool is_plugin = false;
  std::string function;  // demangled; "" = not known
  std::string file;      // of the source; "" = no debug information
  int line = 0;
};

struct CrashReport {
  std::string id;
  std::string time;  // UTC, RFC 3339
  std::string model, version, type;
  std::string summary;    // one line for people
  bool complete = false;  // whether everything has been looked up that will be

  std::string cause;        // "signal", "exit", "killed", "unknown"
  std::string signal;       // "SIGSEGV"
  std::string signal_code;  // "SEGV_MAPERR"
  std::optional<std::uint64_t> address;
  std::optional<int> exit_code;
  std::string killed_because;
  std::string process_state;
  std::string what;  // the exception that nobody caught, and the like

  std::string doing;  // "create", "predict_data", …
  std::vector<std::string> request_ids;
  std::string plugin;  // path
  std::string plugin_build_id, plugin_sha256;
  std::string package;
  int pid = 0;
  std::string thread;
  std::vector<StackFrame> stack;
  std::vector<std::string> log;
  std::string maps;  // of the process; not part of the JSON
  std::uint64_t stack_pointer = 0;
};

// "20261122T041500-ab12cd34": sorts by time. [any]
std::string new_crash_id(std::chrono::system_clock::time_point now);
bool is_crash_id(std::string_view text);

// What the death tells, without names of functions. Believes nothing of the record. [any]
CrashReport make_report(Death&& death);
// The one line, from all the rest.
std::string summary_of(const CrashReport& report);
std::string to_json(const CrashReport& report);

// At most 4 KiB of it, and UTF-8: what a dead process left may be anything. [any]
std::string bounded_utf8(std::string_view text);

}  // namespace berth::hosting
