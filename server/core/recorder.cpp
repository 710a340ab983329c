// SPDX-License-Identifier: Apache-2.0
#include "core/recorder.h"

#include <utility>

#include "base/text.h"

namespace berth::core {
namespace {

using records::Mode;
using std::chrono::steady_clock;

constexpr std::uint64_t kHashedAtOnce = 256UL * 1024;  // some 0.2 ms

std::int64_t us(std::uint64_t ns) { return static_cast<std::int64_t>(ns / 1000); }

}  // namespace

Recorder::Recorder(records::Records& records, RecorderOptions options)
    : records_(records),
      options_(std::move(options)),
      hashing_({.name = "records-hash", .max_waiting = options_.max_waiting, .max_bytes = options_.max_waiting_bytes}) {
  records_.set_upstream([this] { hashing_.settle(); });
}

Recorder::~Recorder() {
  records_.set_upstream(nullptr);
  const Lock lock(mutex_);
  while (users_ > 0) unused_.wait(mutex_);
}

void Recorder::begin_use() {
  const Lock lock(mutex_);
  ++users_;
}

void Recorder::end_use() {
  const Lock lock(mutex_);
  if (--users_ == 0) unused_.notify_all();
}

Mode Recorder::mode_of(std::string_view model) const { return options_.mode_of ? options_.mode_of(model) : Mode::off; }

OpenRecord Recorder::open(const RecordNote& note, std::string_view model) {
  auto mode = mode_of(model);
  if (mode == Mode::off) return {};
  if (note.is_durable) mode = Mode::durable;
  return {.mode = mode, .id = note.id != 0 ? note.id : records_.new_id(), .began = steady_clock::now()};
}

store::RequestRow Recorder::request_row(const OpenRecord& record, const RecordNote& note, const About& about) const {
  store::RequestRow row{.id = record.id,
                        .user_id = note.caller ? note.caller->user_id : 0,
                        .principal = note.caller ? identity::subject_of(*note.caller) : "",
                        .dialect = std::string(note.dialect),
                        .model = std::string(about.model),
                        .version = std::string(about.version),
                        .method = std::string(to_string(about.method)),
                        .deployment = storable(note.deployment),
                        .source = storable(note.source),
                        .tags_json = json_list(note.tags)};
  row.bytes = static_cast<std::int64_t>(row.deployment.size() + row.source.size() + row.tags_json.size());
  return row;
}

store::ResponseRow Recorder::response_row(const OpenRecord& record, const Answer& answer) const {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - record.began);
  return {.request_id = record.id,
          .status = answer.output ? "ok" : std::string(to_string(answer.output.error().code)),
          .output_json = output_text(answer.output, options_.text),
          .queue_us = us(answer.timings.queue_ns),
          .compute_us = us(answer.timings.compute_ns),
          .total_us = took.count()};
}

void Recorder::describe(records::Entry& entry, const hosting::Call& call) const {
  auto& row = entry.request.value();
  row.input_json = input_text(call, options_.text);
  row.bytes += static_cast<std::int64_t>(row.input_json.size());
  if (!records_.keeps_files()) return;
  for (const auto& file : call.files) entry.files.push_back(file.bytes);
}

void Recorder::keep(const OpenRecord& record, records::Entry entry, const hosting::Call& call, Kept kept) {
  const auto bytes = bytes_to_hash(call);
  if (bytes <= kHashedAtOnce) {
    describe(entry, call);
    return records_.keep(std::move(entry), record.mode, std::move(kept));
  }
  struct Task {
    records::Entry entry;
    hosting::Call call;
    Kept kept;
  };
  const bool waits = record.mode == Mode::durable;
  auto task = std::make_shared<Task>(Task{std::move(entry), call, waits ? kept : [](const Result<>&) {}});
  const bool taken = hashing_.post(
      [this, task, mode = record.mode] {
        describe(task->entry, task->call);
        records_.keep(std::move(task->entry), mode, task->kept);
      },
      bytes);
  if (waits && taken) return;
  if (waits) {
    return kept(failure({.code = Code::busy,
                         .message = "too many large requests wait to be put on record",
                         .retry_after = std::chrono::seconds(1)}));
  }
  if (!taken) records_.keep(std::move(task->entry), record.mode, task->kept);  // of its input it tells nothing
  kept({});
}

void Recorder::keep_request(const OpenRecord& record, const RecordNote& note, const About& about,
                            const hosting::Call& call, Kept kept) {
  if (record.mode == Mode::off) return kept({});
  keep(record, {.request = request_row(record, note, about)}, call, std::move(kept));
}

void Recorder::keep_response(const OpenRecord& record, const Answer& answer, Kept kept) {
  if (record.mode == Mode::off) return kept({});
  records_.keep({.response = response_row(record, answer)}, record.mode, std::move(kept));
}

void Recorder::keep_both(const OpenRecord& record, const RecordNote& note, const About& about,
                         const hosting::Call& call, const Answer& answer, Kept kept) {
  if (record.mode == Mode::off) return kept({});
  keep(record, {.request = request_row(record, note, about), .response = response_row(record, answer)}, call,
       std::move(kept));
}

}  // namespace berth::core
