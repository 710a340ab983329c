// SPDX-License-Identifier: Apache-2.0
// A fixture: quotas, a clock that moves when it is told to, and callers.
#pragma once

#include <gmock/gmock.h>

#include <string_view>
#include <vector>

#include "identity/quotas.h"

namespace berth::identity {

class QuotaCallers : public testing::Test {
 protected:
  using Answer = tl::expected<Admission, Refusal>;

  Answer ask(const std::vector<QuotaSubject>& subjects, std::uint64_t bytes = 0) {
    return quotas_.admit(subjects, bytes, now_);
  }
  Answer ask(const Quota& quota, std::uint64_t bytes = 0) { return ask({user("ada", quota)}, bytes); }
  // How many of `count` requests are let in.
  std::uint64_t admitted(const Quota& quota, std::uint64_t count) {
    std::uint64_t admitted = 0;
    for (; count != 0; --count) admitted += ask(quota).has_value() ? 1U : 0U;
    return admitted;
  }
  static QuotaSubject user(std::string_view id, const Quota& quota) { return {SubjectKind::user, id, &quota}; }
  static QuotaSubject model(std::string_view id, const Quota& quota) { return {SubjectKind::model, id, &quota}; }
  static QuotaSubject address(std::string_view id, const Quota& quota) { return {SubjectKind::address, id, &quota}; }

  Quotas quotas_{{}};
  QuotaTime now_{std::chrono::hours(5)};
};

}  // namespace berth::identity
