// SPDX-License-Identifier: Apache-2.0
// KeptRecords: records in an empty database of each kind.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "records/records.h"
#include "store/both_databases.h"

namespace berth::records {

// What a Done is told.
template <typename T = void, typename Ask>
Result<T> answer_to(Ask ask) {
  std::promise<Result<T>> told;
  ask([&told](Result<T> result) { told.set_value(std::move(result)); });
  return told.get_future().get();
}

inline store::RequestRow request(std::int64_t id, std::int64_t user_id = 0) {
  return {.id = id,
          .user_id = user_id,
          .principal = "user",
          .dialect = "deepaas",
          .model = "m",
          .version = "1",
          .method = "predict_data",
          .bytes = 100};
}
inline store::ResponseRow response(std::int64_t request_id) {
  return {.request_id = request_id, .status = "ok", .output_json = "1"};
}

class KeptRecords : public store::BothDatabases {
 protected:
  void SetUp() override {
    BothDatabases::SetUp();
    if (!IsSkipped()) make({});
  }
  void TearDown() override { records_.reset(); }

  void make(Options options) {
    records_.reset();
    records_ = std::make_unique<Records>(*database_, std::move(options));
  }
  Result<> keep(Entry entry, Mode mode = Mode::durable) { return keep(*records_, std::move(entry), mode); }
  static Result<> keep(Records& records, Entry entry, Mode mode = Mode::durable) {
    return answer_to([&](auto done) { records.keep(std::move(entry), mode, done); });
  }
  std::vector<store::Record> all(store::RecordQuery query = {}) {
    auto found = answer_to<store::RecordPage>([&](auto done) { records_->find(query, done); });
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(found->records) : std::vector<store::Record>();
  }

  std::unique_ptr<Records> records_;
};

}  // namespace berth::records
