// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error, for every failure that a caller must expect.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace berth {

// What went wrong, without any protocol in it. Each dialect maps these to its own statuses in one table.
enum class Code {
  invalid_argument,
  unauthenticated,
  forbidden,
  not_found,
  conflict,
  too_large,
  busy,       // a bound of the server was reached; trying again later helps
  throttled,  // a bound of the caller's own was
  cancelled,
  timeout,
  not_implemented,
  unavailable,  // what is needed is not there now (a model that could not be loaded, a worker that died on start)
  internal,
};

std::string_view to_string(Code code);

// An expected failure. `message` is meant for the caller, except where code is `internal`: then it is for the log, and
// the caller sees a neutral text and the request id.
struct Error {
  Code code = Code::internal;
  std::string message;
  // JSON object, field name → list of messages (lists and nested fields: objects in the same form); empty unless
  // arguments failed validation. See core/args.h.
  std::string fields_json = {};
  // The status that a model chose by throwing berth::Error(status, message), 400..599. The message is then for the
  // caller whatever the code.
  std::optional<int> model_status = {};
  // When to try again; dialects send it as Retry-After.
  std::optional<std::chrono::seconds> retry_after = {};
  // The crash report that tells why; its name is for the caller, what it says for admins.
  std::string crash_report = {};
};

template <typename T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(Code code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
inline tl::unexpected<Error> failure(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace berth
