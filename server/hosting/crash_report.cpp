// SPDX-License-Identifier: Apache-2.0
#include "hosting/crash_report.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/ids.h"
#include "base/text.h"
#include "base/utc.h"
#include "hosting/library_copies.h"
#include "hosting/memory_map.h"

namespace berth::hosting {
namespace {

using worker::CrashRecord;
using worker::Doing;

constexpr std::size_t kMaxLogLines = 50;
constexpr std::size_t kMaxText = 4096;
constexpr std::uint64_t kNullPage = 65'536;          // what a null pointer's members lie in
constexpr std::uint64_t kNearStack = 1024UL * 1024;  // a frame that large jumps over its guard page
constexpr std::size_t kIdDigits = 8, kTimeDigits = 15;

// Of an array that need not end in a zero.
template <std::size_t kSize>
std::string text_in(const char (&array)[kSize]) {
  return bounded_utf8({array, ::strnlen(array, kSize)});
}

std::string name_of(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG").append(name);
}

struct SignalCode {
  int signal, code;
  const char* name;
};
constexpr std::array kSignalCodes{
    SignalCode{SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR"}, SignalCode{SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR"},
    SignalCode{SIGBUS, BUS_ADRALN, "BUS_ADRALN"},    SignalCode{SIGBUS, BUS_ADRERR, "BUS_ADRERR"},
    SignalCode{SIGFPE, FPE_INTDIV, "FPE_INTDIV"},    SignalCode{SIGFPE, FPE_FLTDIV, "FPE_FLTDIV"},
    SignalCode{SIGILL, ILL_ILLOPC, "ILL_ILLOPC"},    SignalCode{SIGILL, ILL_ILLOPN, "ILL_ILLOPN"},
};

std::string name_of_code(int signal, int code) {
  for (const auto& known : kSignalCodes) {
    if (known.signal == signal && known.code == code) return known.name;
  }
  return "";
}

std::string to_text(std::uint32_t doing, bool was_ready) {
  switch (static_cast<Doing>(doing)) {
    case Doing::starting: return "starting";
    case Doing::opening: return "opening the plugin";
    case Doing::create: return "create";
    case Doing::warm: return "warm";
    case Doing::describing: return "get_metadata";
    case Doing::idle: return "idle";
    case Doing::predict_data: return "predict_data";
    case Doing::predict_url: return "predict_url";
    case Doing::predict_batch: return "predict_batch";
    case Doing::train: return "train";
    case Doing::destroy: return "destroy";
  }
  return was_ready ? "serving" : "starting";
}

// The library that workers map is a copy, below a folder of its own with those that came with it; people know the
// originals.
std::string original_of(std::string_view path, const Source& source, bool& is_plugin) {
  std::string own = source.plugin.string();
  const std::string copy = source.copy == nullptr ? "" : source.copy->path().string();
  is_plugin = path == copy || path == own;
  if (is_plugin) return own;
  const auto folder = std::string_view(copy).substr(0, copy.ends_with(own) ? copy.size() - own.size() : 0);
  is_plugin = !folder.empty() && path.starts_with(folder);
  return bounded_utf8(is_plugin ? path.substr(folder.size()) : path);
}

void read_stack(CrashReport& report, const CrashRecord& record, const Source& source) {
  const auto mappings = read_mappings(report.maps);
  const auto count = std::min<std::uint64_t>(record.frame_count, CrashRecord::kMaxFrames);
  for (std::uint64_t i = 0; i < count; ++i) {
    StackFrame frame;
    frame.address = record.frames[i];
    for (const auto& mapping : mappings) {
      if (frame.address < mapping.start || frame.address >= mapping.end) continue;
      frame.offset = frame.address - mapping.start + mapping.offset;
      frame.module = original_of(mapping.path, source, frame.is_plugin);
      break;
    }
    report.stack.push_back(std::move(frame));
  }
}

constexpr const char* kUnknown = "unknown";

void read_record(CrashReport& report, const CrashRecord& record, const Exit& exit, const Source& source) {
  report.what = text_in(record.what);
  if (record.state.load() == CrashRecord::empty) return;
  report.thread = text_in(record.thread);
  report.maps.assign(record.maps, std::min<std::size_t>(record.maps_size, CrashRecord::kMaxMaps));
  report.stack_pointer = record.stack_pointer;
  // Held up while it told of its end, it died of the alarm.
  const bool by_alarm = exit.signal == SIGALRM;
  if (record.kind == CrashRecord::signal && (record.number == exit.signal || by_alarm || !exit.is_known)) {
    if (report.cause == kUnknown) report.cause = "signal";
    report.signal = name_of(record.number);
    report.signal_code = name_of_code(record.number, record.code);
    if (record.is_sent == 0) report.address = record.address;
    if (record.sender != 0 && report.what.empty()) report.what = "sent by process " + std::to_string(record.sender);
  }
  read_stack(report, record, source);
}

std::vector<std::string> last_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kMaxLogLines) {
    if (text.back() == '\n') text.remove_suffix(1);
    const auto start = text.rfind('\n');
    const auto line = start == std::string_view::npos ? text : text.substr(start + 1);
    if (!line.empty()) lines.push_back(bounded_utf8(line));
    text = start == std::string_view::npos ? std::string_view() : text.substr(0, start + 1);
  }
  std::ranges::reverse(lines);
  return lines;
}

// "Crasher::predict_data" of "(anonymous namespace)::Crasher::predict_data(berth::Args const&)".
std::string short_name(std::string name) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::", kOperator = "operator()";
  for (auto at = name.find(kAnonymous); at != std::string::npos; at = name.find(kAnonymous)) {
    name.erase(at, kAnonymous.size());
  }
  const auto call = name.rfind(kOperator);
  const auto arguments = name.find('(', call == std::string::npos ? 0 : call + kOperator.size());
  return name.substr(0, arguments);
}

// The innermost frame that the plugin's author wrote; else that of its library; else any with a name.
const StackFrame* blamed_frame(const CrashReport& report) {
  const auto is_support = [](const std::string& name) {
    return std::ranges::any_of(std::array{"std::", "__gnu_cxx::", "void std::", "berth::", "_"},
                               [&](std::string_view prefix) { return name.starts_with(prefix); });
  };
  const StackFrame* found = nullptr;
  int found_rank = 0;
  for (const auto& frame : report.stack) {
    int rank = frame.function.empty() ? 0 : 1;
    if (frame.is_plugin) rank = frame.function.empty() || is_support(frame.function) ? 2 : 3;
    if (rank <= found_rank) continue;
    found = &frame;
    found_rank = rank;
  }
  return found;
}

std::string cause_text(const CrashReport& report) {
  if (!report.killed_because.empty()) {
    return "killed: " + report.killed_because +
           (report.process_state.empty() ? "" : " (process state " + report.process_state + ")");
  }
  if (report.cause == "exit") {
    const auto code = std::to_string(report.exit_code.value_or(0));
    if (!report.stack.empty()) return std::string("exit(").append(code).append(") was called");
    auto text = "it left by itself with exit code " + code;
    return report.what.empty() ? text : text + " (" + report.what + ")";
  }
  if (report.cause == kUnknown) {
    const std::string text = "it ended, and nobody could see how";
    return report.what.empty() ? text : text + " (" + report.what + ")";
  }
  std::string more = report.what;
  if (more.empty() && report.address && report.signal == "SIGSEGV") {
    const auto at = *report.address, stack = report.stack_pointer;
    if (at < kNullPage) {
      more = "null pointer";
    } else if (stack != 0 && at + kNearStack > stack && at < stack + kNearStack) {
      more = "stack overflow";
    }
  }
  if (report.signal == "SIGKILL") more = "by somebody else: the system, short of memory, or an operator";
  return more.empty() ? report.signal : report.signal + " (" + more + ")";
}

}  // namespace

std::string bounded_utf8(std::string_view text) {
  text = text.substr(0, kMaxText);
  return is_utf8(text) ? std::string(text) : latin1_to_utf8(text);
}

std::string new_crash_id(std::chrono::system_clock::time_point now) {
  return utc_text(now, "%Y%m%dT%H%M%S").append("-").append(random_hex_id().substr(0, kIdDigits));
}

bool is_crash_id(std::string_view text) {
  const auto holds_only = [&](std::size_t from, std::size_t count, std::string_view digits) {
    return text.substr(from, count).find_first_not_of(digits) == std::string_view::npos;
  };
  constexpr std::string_view kHexadecimal = "0123456789abcdef", kDecimal = kHexadecimal.substr(0, 10);
  constexpr std::size_t kDateDigits = 8;
  return text.size() == kTimeDigits + 1 + kIdDigits && text[kDateDigits] == 'T' && text[kTimeDigits] == '-' &&
         holds_only(0, kDateDigits, kDecimal) && holds_only(kDateDigits + 1, kTimeDigits - kDateDigits - 1, kDecimal) &&
         holds_only(kTimeDigits + 1, kIdDigits, kHexadecimal);
}

CrashReport make_report(Death&& death) {
  CrashReport report;
  report.id = death.id;
  report.time = utc_text(death.time, "%Y-%m-%dT%H:%M:%SZ");
  report.model = death.source.name;
  report.version = death.source.version;
  report.type = death.source.type;
  report.plugin = death.source.plugin.string();
  report.package = death.source.package.string();
  report.pid = death.pid;
  report.request_ids = std::move(death.request_ids);
  report.log = last_lines(death.last_words);
  report.killed_because = bounded_utf8(death.killed_because);
  report.process_state = bounded_utf8(death.process_state);
  report.cause = !death.killed_because.empty() ? "killed"
                 : !death.exit.is_known        ? kUnknown
                 : death.exit.signal != 0      ? "signal"
                                               : "exit";
  if (report.cause == "exit") report.exit_code = death.exit.code;
  if (report.cause == "signal") report.signal = name_of(death.exit.signal);
  report.doing = to_text(~0U, death.was_ready);
  if (death.record != nullptr) {
    report.doing = to_text(death.record->doing.load(), death.was_ready);
    read_record(report, *death.record, death.exit, death.source);
  }
  report.summary = summary_of(report);
  return report;
}

std::string summary_of(const CrashReport& report) {
  std::string text = cause_text(report);
  if (const auto* frame = blamed_frame(report); frame != nullptr && !frame->function.empty()) {
    text.append(" in ").append(short_name(frame->function));
    if (!frame->file.empty()) {
      const auto name = std::filesystem::path(frame->file).filename().string();
      text.append(" (").append(name).append(":").append(std::to_string(frame->line)).append(")");
    } else if (!frame->is_plugin) {
      text.append(" (").append(std::filesystem::path(frame->module).filename().string()).append(")");
    }
  }
  text.append(", at ").append(report.doing);
  return text.append(", plugin ").append(std::filesystem::path(report.plugin).filename().string());
}

}  // namespace berth::hosting
