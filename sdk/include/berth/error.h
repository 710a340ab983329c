// SPDX-License-Identifier: Apache-2.0
// Error: what a model throws to tell the client, in its own words, that a call cannot be answered.
#pragma once

#include <stdexcept>
#include <string>

namespace berth {
inline namespace sdk_v1 {

// `throw berth::Error(422, "the image has no face")` reaches the client with that status and message. Any other
// exception is answered with 500 and a request id; its text goes to the log only. So is an Error whose status is not
// 400..599.
class Error : public std::runtime_error {
 public:
  Error(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

}  // namespace sdk_v1
}  // namespace berth
