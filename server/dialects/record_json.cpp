// SPDX-License-Identifier: Apache-2.0
#include "dialects/record_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_object.h"
#include "base/units.h"
#include "base/utc.h"
#include "dialects/request_fields.h"

namespace berth::dialects {
namespace {

using json::ObjectText;

constexpr std::size_t kLargestPage = 1000;
constexpr std::size_t kPageBytes = 8UL * 1024 * 1024;
constexpr std::array<std::string_view, 3> kFormats = {"json", "jsonl", "csv"};

// Of the order in which csv_line() has them.
constexpr std::string_view kCsvHeader =
    "id,time,user_id,principal,dialect,model,version,method,deployment,source,tags,input,kept_files,status,output,"
    "queue_us,compute_us,total_us\r\n";

tl::unexpected<Error> wrong(std::string_view name, std::string_view what) {
  return failure(Code::invalid_argument, std::string(name).append(": ").append(what));
}

// An id is a time, too.
Result<std::int64_t> read_point(std::string_view name, const std::string& text) {
  if (const auto id = parse_number(text)) return static_cast<std::int64_t>(*id);
  const auto time = parse_utc(text);
  if (!time) return wrong(name, "expected an id, or a time such as 2026-11-22T10:00:00Z");
  return to_microseconds(*time);
}

Result<std::size_t> read_number(std::string_view name, const std::string& text, std::size_t most) {
  const auto number = parse_number(text);
  if (!number || *number == 0 || *number > most) {
    return wrong(name, "expected an integer from 1 to " + std::to_string(most));
  }
  return *number;
}

Result<> read_one(const std::string& name, const std::string& text, RecordsAsked& asked) {
  auto& query = asked.query;
  const auto take = [](auto read, auto& into) -> Result<> {
    if (!read) return failure(std::move(read.error()));
    into = static_cast<std::decay_t<decltype(into)>>(*read);
    return {};
  };
  if (name == "from") return take(read_point(name, text), query.from);
  if (name == "until") return take(read_point(name, text), query.until);
  if (name == "count") return take(read_number(name, text, kLargestPage), query.count);
  if (name == "user") {
    std::int64_t id = 0;
    auto read = take(read_number(name, text, std::size_t{1} << 53), id);
    query.user_id = id;
    return read;
  }
  if (name == "model") return query.model = text, Result<>();
  if (name == "status") return query.status = text, Result<>();
  if (name == "format") {
    const auto* found = std::ranges::find(kFormats, text);
    if (found == kFormats.end()) return wrong(name, "expected json, jsonl or csv");
    asked.format = static_cast<RecordFormat>(found - kFormats.begin());
    return {};
  }
  return wrong(name, "expected from, until, user, model, status, count or format");
}

// What a spreadsheet would take for a formula, it shows as text after a quote.
std::string csv_cell(std::string_view text) {
  if (text.empty()) return {};
  std::string cell = "\"";
  if (std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) cell += '\'';
  for (const char c : text) cell.append(c == '"' ? 2 : 1, c);
  return cell += '"';
}

std::string csv_line(const store::Record& record) {
  const auto& asked = record.request;
  std::string line = std::to_string(asked.id) + "," + records::time_of(asked.id) + ",";
  if (asked.user_id != 0) line += std::to_string(asked.user_id);
  for (const auto* text : {&asked.principal, &asked.dialect, &asked.model, &asked.version, &asked.method,
                           &asked.deployment, &asked.source, &asked.tags_json, &asked.input_json}) {
    line.append(",").append(csv_cell(*text));
  }
  line.append(",").append(std::to_string(asked.kept_files));
  if (!record.response) return line.append(",,,,,\r\n");
  const auto& given = *record.response;
  line.append(",").append(csv_cell(given.status)).append(",").append(csv_cell(given.output_json));
  for (const auto number : {given.queue_us, given.compute_us, given.total_us}) {
    line.append(",").append(std::to_string(number));
  }
  return line.append("\r\n");
}

std::string response_json(const store::ResponseRow& response) {
  return ObjectText()
      .text("status", response.status)
      .raw("output", response.output_json)
      .number("queue_us", response.queue_us)
      .number("compute_us", response.compute_us)
      .number("total_us", response.total_us)
      .done();
}

}  // namespace

Result<RecordsAsked> read_records_query(const http::Pairs& query) {
  RecordsAsked asked;
  asked.query.max_bytes = kPageBytes;
  for (const auto& [name, text] : query) {
    if (auto read = read_one(name, text, asked); !read) return failure(std::move(read.error()));
  }
  return asked;
}

std::string to_json(const store::Record& record) {
  const auto& asked = record.request;
  ObjectText text;
  text.number("id", asked.id).text("time", records::time_of(asked.id));
  text.raw("user_id", asked.user_id == 0 ? "null" : std::to_string(asked.user_id));
  text.text("principal", asked.principal)
      .text("dialect", asked.dialect)
      .text("model", asked.model)
      .text("version", asked.version)
      .text("method", asked.method)
      .text("deployment", asked.deployment)
      .text("source", asked.source)
      .raw("tags", asked.tags_json)
      .raw("input", asked.input_json)
      .number("kept_files", asked.kept_files)
      .raw("response", record.response ? response_json(*record.response) : "null");
  return text.done();
}

std::string to_text(const std::vector<store::Record>& records, RecordFormat format, const std::string& next) {
  std::string text;
  switch (format) {
    case RecordFormat::csv:
      text = kCsvHeader;
      for (const auto& record : records) text += csv_line(record);
      return text;
    case RecordFormat::jsonl:
      for (const auto& record : records) text.append(to_json(record)).append("\n");
      return text;
    case RecordFormat::json: break;
  }
  text = "{\"records\":[";
  for (const auto& record : records) text.append(text.back() == '[' ? "" : ",").append(to_json(record));
  return text.append("],\"next\":").append(next.empty() ? "null" : "\"" + next + "\"").append("}");
}

std::string_view content_type_of(RecordFormat format) {
  switch (format) {
    case RecordFormat::csv: return "text/csv; charset=utf-8";
    case RecordFormat::jsonl: return "application/jsonl";
    case RecordFormat::json: break;
  }
  return "application/json";
}

}  // namespace berth::dialects
