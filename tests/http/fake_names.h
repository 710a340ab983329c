// SPDX-License-Identifier: Apache-2.0
// FakeName: a host name that this test's process looks up as the test says; real names and addresses are looked up as
// ever.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace berth::http {

// In force as long as it lives.
class FakeName {
 public:
  // Addresses in the order that they are tried in, a zone after % included; none: there is no such name. Called at each
  // look-up, on libcurl's thread for it, which may wait.
  using Answer = std::function<std::vector<std::string>()>;

  FakeName(std::string name, Answer answer);
  // The same answer at each look-up.
  FakeName(std::string name, std::vector<std::string> addresses);
  ~FakeName();
  FakeName(const FakeName&) = delete;
  FakeName& operator=(const FakeName&) = delete;

  int lookups() const;

 private:
  std::string name_;
};

}  // namespace berth::http
