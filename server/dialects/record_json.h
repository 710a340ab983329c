// SPDX-License-Identifier: Apache-2.0
// How records are written, as JSON and CSV, and what a query asks of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"
#include "records/records.h"

namespace berth::dialects {

enum class RecordFormat { json, jsonl, csv };

struct RecordsAsked {
  store::RecordQuery query = {};
  RecordFormat format = RecordFormat::json;
};
// from, until, user, model, status, count, format (docs/records.md). invalid_argument names what is wrong. [any]
Result<RecordsAsked> read_records_query(const http::Pairs& query);

// An object on one line.
std::string to_json(const store::Record& record);
// All of them: {"records":[…],"next":…}, an object a line, or a table with a header (RFC 4180). `next` is the id before
// which the next page begins; "" where there is none.
std::string to_text(const std::vector<store::Record>& records, RecordFormat format, const std::string& next);
std::string_view content_type_of(RecordFormat format);

}  // namespace berth::dialects
