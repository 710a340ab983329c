// SPDX-License-Identifier: Apache-2.0
// Crash reports as JSON.
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "hosting/crash_report.h"

namespace berth::hosting {
namespace {

class ReportWriter {
 public:
  ReportWriter() { writer_.StartObject(); }
  void text(const char* key, const std::string& value) {
    writer_.Key(key);
    value.empty() ? writer_.Null() : writer_.String(bounded_utf8(value));
  }
  template <typename T>
  void number(const char* key, const std::optional<T>& value) {
    writer_.Key(key);
    value ? writer_.Int64(static_cast<std::int64_t>(*value)) : writer_.Null();
  }
  void hex(const char* key, const std::optional<std::uint64_t>& value) {
    if (!value) return text(key, "");
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value, 16).ptr;
    text(key, "0x" + std::string(digits.data(), end));
  }
  void texts(const char* key, const std::vector<std::string>& values) {
    writer_.Key(key);
    writer_.StartArray();
    for (const auto& value : values) writer_.String(bounded_utf8(value));
    writer_.EndArray();
  }
  void flag(const char* key, bool value) {
    writer_.Key(key);
    writer_.Bool(value);
  }
  void open(const char* key, bool array = false) {
    if (key != nullptr) writer_.Key(key);
    array ? writer_.StartArray() : writer_.StartObject();
  }
  void close(bool array = false) { array ? writer_.EndArray() : writer_.EndObject(); }
  std::string end() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  json::Buffer buffer_;
  json::Writer writer_{buffer_};
};

}  // namespace

std::string to_json(const CrashReport& report) {
  ReportWriter writer;
  writer.text("id", report.id);
  writer.text("time", report.time);
  writer.text("model", report.model);
  writer.text("version", report.version);
  writer.text("type", report.type);
  writer.text("summary", report.summary);
  writer.flag("complete", report.complete);
  writer.open("cause");
  writer.text("kind", report.cause);
  writer.text("signal", report.signal);
  writer.text("code", report.signal_code);
  writer.hex("address", report.address);
  writer.number("exit_code", report.exit_code);
  writer.text("killed_because", report.killed_because);
  writer.text("process_state", report.process_state);
  writer.text("what", report.what);
  writer.close();
  writer.text("doing", report.doing);
  writer.texts("request_ids", report.request_ids);
  writer.open("plugin");
  writer.text("path", report.plugin);
  writer.text("build_id", report.plugin_build_id);
  writer.text("sha256", report.plugin_sha256);
  writer.close();
  writer.text("package", report.package);
  writer.number("pid", std::optional(report.pid));
  writer.text("thread", report.thread);
  writer.open("stack", true);
  for (const auto& frame : report.stack) {
    writer.open(nullptr);
    writer.text("function", frame.function);
    writer.text("file", frame.file);
    writer.number("line", frame.file.empty() ? std::nullopt : std::optional(frame.line));
    writer.text("module", frame.module);
    writer.hex(frame.module.empty() ? "address" : "offset", frame.module.empty() ? frame.address : frame.offset);
    writer.flag("plugin", frame.is_plugin);
    writer.close();
  }
  writer.close(true);
  writer.texts("log", report.log);
  return writer.end();
}

}  // namespace berth::hosting
