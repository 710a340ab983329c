// SPDX-License-Identifier: Apache-2.0
// V1Args: finds a V1 request's arguments and checks them in V1's order and words, before V2's rules get to see them.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "core/args.h"
#include "dialects/request_fields.h"

namespace berth::dialects::v1 {

struct Args {
  core::RawArgs raw;
  std::vector<std::string> urls;    // the field `url`, of JSON, query and form together
  std::vector<hosting::File> data;  // the field `data`: only the first file counts
};

// What V1 says of the first bad argument: {"errors":{"n":"…"},"message":"Input payload validation failed"}.
struct BadArgument {
  std::string key;
  std::string complaint;  // the argument's help stands before it
};

// The result refers to `fields`.
tl::expected<Args, BadArgument> read_args(const core::ArgSpecs& specs, const http::Request& request,
                                          const RequestFields& fields);

// The first bad argument of an error that check_args returned.
BadArgument first_bad(const core::ArgSpecs& specs, const std::string& fields_json);

}  // namespace berth::dialects::v1
