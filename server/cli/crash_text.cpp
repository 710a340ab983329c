// SPDX-License-Identifier: Apache-2.0
#include "cli/crash_text.h"

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "cli/table.h"

namespace berth::cli {
namespace {

// What a plugin printed must not drive a terminal.
std::string shown(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(
      result, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return result;
}

std::string text_of(const json::Value& object, std::string_view name) {
  const auto* value = json::find(object, name);
  if (value == nullptr || value->IsNull()) return "";
  return shown(value->IsString() ? std::string(json::view(*value)) : json::to_text(*value));
}

void line(std::string& text, std::string_view label, const std::string& value) {
  constexpr std::size_t kLabelWidth = 10;
  if (value.empty()) return;
  text.append(label).append(std::string(kLabelWidth - std::min(kLabelWidth, label.size()), ' '));
  text.append(value).append("\n");
}

void list(std::string& text, std::string_view title, const json::Value& report, std::string_view name) {
  const auto* items = json::find(report, name);
  if (items == nullptr || !items->IsArray() || items->Empty()) return;
  text.append("\n").append(title).append("\n");
  for (const auto& item : items->GetArray()) {
    if (item.IsString()) text.append("  ").append(shown(json::view(item))).append("\n");
  }
}

// "* 3  Crasher::predict_data(berth::Args const&)  crasher.cpp:42" ; the plugin's own are starred.
void stack(std::string& text, const json::Value& report) {
  const auto* frames = json::find(report, "stack");
  if (frames == nullptr || !frames->IsArray() || frames->Empty()) return;
  text.append("\nstack, innermost first (*: the plugin's own)\n");
  int number = 0;
  for (const auto& frame : frames->GetArray()) {
    const auto* own = json::find(frame, "plugin");
    const auto function = text_of(frame, "function"), file = text_of(frame, "file"), module = text_of(frame, "module");
    text.append(own != nullptr && own->IsTrue() ? "* " : "  ").append(std::to_string(number++)).append("  ");
    text.append(function.empty() ? "??" : function);
    if (!file.empty()) text.append("  ").append(file).append(":").append(text_of(frame, "line"));
    if (file.empty() && !module.empty()) text.append("  ").append(module).append("+").append(text_of(frame, "offset"));
    text.append("\n");
  }
}

std::string joined(const json::Value& report, std::string_view name) {
  std::string text;
  const auto* items = json::find(report, name);
  if (items == nullptr || !items->IsArray()) return text;
  for (const auto& item : items->GetArray()) {
    if (item.IsString()) text.append(text.empty() ? "" : ", ").append(shown(json::view(item)));
  }
  return text;
}

}  // namespace

Result<std::string> format_crashes(std::string_view json) {
  const auto document = json::parse(json);
  if (!document || !document->IsArray()) {
    return failure(Code::invalid_argument, "the answer is not a list of crash reports; is it a Berth server?");
  }
  if (document->Empty()) return std::string("no crash reports\n");
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : document->GetArray()) {
    rows.push_back(
        {text_of(entry, "id"), text_of(entry, "model"), text_of(entry, "version"), text_of(entry, "summary")});
  }
  return format_table({"ID", "MODEL", "VERSION", "WHAT HAPPENED"}, rows);
}

Result<std::string> format_crash(std::string_view json) {
  const auto document = json::parse(json);
  if (!document || !document->IsObject()) {
    return failure(Code::invalid_argument, "the answer is not a crash report; is it a Berth server?");
  }
  const auto& report = *document;
  std::string text = text_of(report, "summary") + "\n\n";
  line(text, "id", text_of(report, "id"));
  line(text, "time", text_of(report, "time"));
  line(text, "model", text_of(report, "model") + ", version " + text_of(report, "version"));
  line(text, "package", text_of(report, "package"));
  if (const auto* plugin = json::find(report, "plugin"); plugin != nullptr) {
    line(text, "plugin", text_of(*plugin, "path"));
    line(text, "build id", text_of(*plugin, "build_id"));
    line(text, "sha256", text_of(*plugin, "sha256"));
  }
  if (const auto* cause = json::find(report, "cause"); cause != nullptr) {
    line(text, "signal", text_of(*cause, "signal"));
    line(text, "code", text_of(*cause, "code"));
    line(text, "address", text_of(*cause, "address"));
    line(text, "exit code", text_of(*cause, "exit_code"));
    line(text, "killed", text_of(*cause, "killed_because"));
    line(text, "what", text_of(*cause, "what"));
  }
  line(text, "at", text_of(report, "doing"));
  line(text, "requests", joined(report, "request_ids"));
  line(text, "process", text_of(report, "pid"));
  line(text, "thread", text_of(report, "thread"));
  stack(text, report);
  list(text, "the last lines that it printed or logged", report, "log");
  list(text, "what it was called with", report, "input");
  return text;
}

}  // namespace berth::cli
