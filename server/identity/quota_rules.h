// SPDX-License-Identifier: Apache-2.0
// QuotaRules: which quotas count for whom, as the operator says.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>

#include "identity/principal.h"
#include "identity/quotas.h"

namespace berth::identity {

// What may be asked of a model.
struct ModelQuotas {
  Quota together = {};   // by all callers together
  Quota each_user = {};  // by each user for themselves; those who are nobody have no such count
};

struct QuotaRules {
  Quota anonymous = {};               // of each address that callers come from who are nobody
  std::array<Quota, 4> by_role = {};  // of each user of a role who has no quota of their own; by Role
  std::function<ModelQuotas(std::string_view model)> of_model = {};  // empty: no limit. [any]
  Quotas::Options options = {};
};

// throttled, with when to try again; too_large: such a body is never let in.
Error error_of(const Refusal& refusal);

// Counts requests by those rules.
class QuotaDesk {
 public:
  explicit QuotaDesk(QuotaRules rules) : rules_(std::move(rules)), quotas_(rules_.options) {}

  // Lets a request in, or refuses it: of an address, or of a user and by a key; where `model` names one, by the model's
  // quotas, too. [any]
  tl::expected<Admission, Refusal> admit(const Principal& caller, std::string_view model, std::uint64_t bytes);

 private:
  const QuotaRules rules_;
  Quotas quotas_;
};

}  // namespace berth::identity
