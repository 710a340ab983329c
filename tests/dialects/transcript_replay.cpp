// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/json.h"
#include "dialects/transcript.h"

namespace berth::test {
namespace {

// What changes from run to run: training ids and dates, names of temporary files. Of a data URL the type counts.
bool is_volatile(std::string_view name) {
  return name == "uuid" || name == "date" || name == "finish_date" || name == "duration" || name == "request_id";
}

bool same(const json::Value& recorded, const json::Value& ours, bool is_top) {
  if (recorded.IsObject() && ours.IsObject()) {
    if (recorded.MemberCount() != ours.MemberCount()) return false;
    const bool training = is_top && json::find(recorded, "status") != nullptr;
    return std::ranges::all_of(recorded.GetObject(), [&](const auto& member) {
      const auto* other = json::find(ours, json::view(member.name));
      const bool skip = is_volatile(json::view(member.name)) && (training || json::view(member.name) == "request_id");
      return other && (skip ? other->IsString() : same(member.value, *other, false));
    });
  }
  if (recorded.IsArray() && ours.IsArray()) {
    return std::ranges::equal(recorded.GetArray(), ours.GetArray(),
                              [](const auto& a, const auto& b) { return same(a, b, true); });
  }
  if (recorded.IsString() && ours.IsString()) {
    const auto a = json::view(recorded);
    const auto b = json::view(ours);
    if (a.starts_with("<tmp>/")) return b.starts_with("<tmp>/");
    if (a.starts_with("data:")) return b.starts_with(a.substr(0, a.find(',')));
  }
  return recorded == ours;
}

// A recorded answer that was cut off ends within a string.
Result<json::Document> parse_recorded(const std::string& text) {
  auto whole = json::parse(text, true);
  return whole ? std::move(whole) : json::parse(text + "\"}", true);
}

bool is_json(std::string_view content_type) { return content_type.starts_with("application/json"); }

bool same_body(const Exchange& expected, const Answer& answer) {
  if (!expected.answer || expected.method == "HEAD") return true;
  if (is_json(expected.content_type)) {
    const auto recorded = parse_recorded(*expected.answer);
    const auto ours = json::parse(answer.body);
    return recorded && ours && same(*recorded, *ours, true);
  }
  if (expected.content_type.starts_with("image/")) return !answer.body.empty();
  if (expected.answer->starts_with("data:")) return answer.body.starts_with("data:image/png;base64,");
  return answer.body == *expected.answer;
}

bool matches(std::string_view pattern, std::string_view command) {
  if (!pattern.ends_with('*')) return pattern == command;
  return command.starts_with(pattern.substr(0, pattern.size() - 1));
}

void apply(std::span<const Difference> differences, std::string_view transcript, Exchange& exchange) {
  const auto found = std::ranges::find_if(differences, [&](const Difference& difference) {
    return difference.transcript == transcript && matches(difference.command, exchange.command);
  });
  if (found == differences.end()) return;
  exchange.status = found->status;
  exchange.content_type = found->content_type;
  exchange.answer = found->answer == "*" ? std::nullopt : std::optional<std::string>(found->answer);
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string uuid_of(const std::string& body) {
  const auto value = json::parse(body, true);
  const auto* uuid = value ? json::find(*value, "uuid") : nullptr;
  return uuid && uuid->IsString() ? std::string(json::view(*uuid)) : "";
}

std::string describe(const Exchange& expected, const Answer& answer) {
  return "curl " + expected.command + "\n  expected " + std::to_string(expected.status) + " " + expected.content_type +
         "\n    " + expected.answer.value_or("(any body)") + "\n  came     " + std::to_string(answer.status) + " " +
         answer.content_type + "\n    " + answer.body.substr(0, 2000);
}

}  // namespace

std::vector<std::string> replay(const std::filesystem::path& file, std::span<const Difference> differences,
                                const std::function<Answer(const Exchange&)>& send,
                                const std::function<bool(std::string_view target)>& wanted) {
  std::vector<std::string> mismatches;
  std::map<std::string, std::string> uuids;  // recorded → ours
  const auto transcript = file.filename().string();
  for (auto& exchange : read_transcript(file)) {
    if (wanted && !wanted(exchange.target)) continue;
    const auto recorded_uuid = uuid_of(exchange.answer.value_or(""));
    apply(differences, transcript, exchange);
    for (const auto& [recorded, ours] : uuids) replace_all(exchange.target, recorded, ours);
    const auto answer = send(exchange);
    if (const auto uuid = uuid_of(answer.body); !uuid.empty() && !recorded_uuid.empty()) {
      uuids.emplace(recorded_uuid, uuid);
    }
    const bool right =
        answer.status == exchange.status && answer.content_type == exchange.content_type && same_body(exchange, answer);
    if (!right) mismatches.push_back(describe(exchange, answer));
  }
  return mismatches;
}

}  // namespace berth::test
