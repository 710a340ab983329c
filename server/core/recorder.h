// SPDX-License-Identifier: Apache-2.0
// Recorder: puts calls and their outcomes on record, each model's as the operator wants it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/task_threads.h"
#include "core/record_text.h"
#include "hosting/call.h"
#include "identity/principal.h"
#include "records/records.h"

namespace berth::core {

// What a record says besides the call itself.
struct RecordNote {
  std::shared_ptr<const identity::Principal> caller = {};  // null: nobody is known
  std::string_view dialect = {};                           // a literal
  std::string deployment = {}, source = {};
  std::vector<std::string> tags = {};
  std::int64_t id = 0;      // of Recorder::new_id(); 0: one is made
  bool is_durable = false;  // its dialect promises it, so async is not enough; off is off still
};

struct RecorderOptions {
  std::function<records::Mode(std::string_view model)> mode_of = {};  // empty: none is kept
  RecordTextOptions text = {};
  // Large calls that wait to be hashed, and what they hold; beyond, a durable one is busy, and of another's input
  // nothing is kept.
  std::size_t max_waiting = 10'000;
  std::size_t max_waiting_bytes = 256UL * 1024 * 1024;
};

// A call that is on record, until its outcome is, too.
struct OpenRecord {
  records::Mode mode = records::Mode::off;
  std::int64_t id = 0;
  std::chrono::steady_clock::time_point began = {};
};

class Recorder {
 public:
  // `records` must outlive it.
  Recorder(records::Records& records, RecorderOptions options);
  ~Recorder();  // waits for those who use it

  // Whoever will come back to it later says so, and when they no longer will. [any]
  void begin_use();
  void end_use();

  std::int64_t new_id() { return records_.new_id(); }
  records::Mode mode_of(std::string_view model) const;
  std::size_t max_text_bytes() const { return options_.text.max_bytes; }

  // The mode of a call to that model; the id too, where it is not off.
  OpenRecord open(const RecordNote& note, std::string_view model);

  // `kept` is told good at once where the record is off or async; else on a loop: good once it is on disk, busy or
  // unavailable where it is not. [any]
  using Kept = std::function<void(Result<>)>;
  struct About {
    std::string_view model, version;
    hosting::Method method = hosting::Method::predict_data;
  };
  struct Answer {
    const Result<hosting::Output>& output;
    const hosting::Timings& timings;
  };
  void keep_request(const OpenRecord& record, const RecordNote& note, const About& about, const hosting::Call& call,
                    Kept kept);
  void keep_response(const OpenRecord& record, const Answer& answer, Kept kept);
  // Both at once, of a call that was refused, or of a prediction that was made elsewhere.
  void keep_both(const OpenRecord& record, const RecordNote& note, const About& about, const hosting::Call& call,
                 const Answer& answer, Kept kept);

 private:
  store::RequestRow request_row(const OpenRecord& record, const RecordNote& note, const About& about) const;
  store::ResponseRow response_row(const OpenRecord& record, const Answer& answer) const;
  void describe(records::Entry& entry, const hosting::Call& call) const;
  // `entry` lacks only what `call` holds.
  void keep(const OpenRecord& record, records::Entry entry, const hosting::Call& call, Kept kept);

  records::Records& records_;
  const RecorderOptions options_;
  Mutex mutex_;
  Condition unused_;
  std::size_t users_ BERTH_GUARDED_BY(mutex_) = 0;
  TaskThreads hashing_;  // what would keep an I/O thread too long
};

}  // namespace berth::core
