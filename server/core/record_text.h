// SPDX-License-Identifier: Apache-2.0
// RecordText: what a record holds of a call and of its outcome, as JSON: bounded, and without what is secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hosting/call.h"

namespace berth::core {

struct RecordTextOptions {
  // Members of objects, at any depth and in any letter case, whose values stay out: "[redacted]" stands in their place.
  std::vector<std::string> redacted = {"password", "passwd", "secret", "token", "api_key", "authorization"};
  std::size_t max_bytes = 64UL * 1024;  // of one text; a longer one becomes {"omitted":{"bytes":…}}
};

// {"args":{…},"files":[{"field","file_name","content_type","bytes","sha256"}],"urls":["…"],
//  "tensors":[{"name","datatype","shape","sha256"}]}, of which only those stand there that the call has. URLs lose
// their user and what follows their '?'. Hashes what the call carries: as much as bytes_to_hash() says. [any]
std::string input_text(const hosting::Call& call, const RecordTextOptions& options);
std::uint64_t bytes_to_hash(const hosting::Call& call);

// What the model answered: its JSON; its text as a JSON string; {"file":{"content_type","bytes"}};
// {"tensors":[{"name","datatype","shape"}]}. Or {"error":"…","fields":{…}}. [any]
std::string output_text(const Result<hosting::Output>& output, const RecordTextOptions& options);

// JSON from elsewhere, as the two have it. [any]
std::string recorded(std::string json_text, const RecordTextOptions& options);

// ["…","…"], whatever the texts are made of. [any]
std::string json_list(const std::vector<std::string>& texts);

}  // namespace berth::core
