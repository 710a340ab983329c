// SPDX-License-Identifier: Apache-2.0
#include "identity/quota_rules.h"

#include <string>
#include <vector>

#include "identity/quota_address.h"

namespace berth::identity {

Error error_of(const Refusal& refusal) {
  return {.code = refusal.retry_after ? Code::throttled : Code::too_large,
          .message = message_of(refusal),
          .retry_after = refusal.retry_after};
}

tl::expected<Admission, Refusal> QuotaDesk::admit(const Principal& caller, std::string_view model,
                                                  std::uint64_t bytes) {
  std::vector<QuotaSubject> subjects;
  const auto add = [&subjects](SubjectKind kind, std::string_view id, const Quota& quota, std::string_view of = {}) {
    if (!quota.is_unlimited()) subjects.push_back({.kind = kind, .id = id, .quota = &quota, .model = of});
  };
  // Spelt only where somebody counts by them; views of them are kept until the end.
  std::string address, user, key;
  if (!caller.is_known() && !rules_.anonymous.is_unlimited()) address = quota_address(caller.address);
  if (caller.is_known()) user = caller.user_id == 0 ? caller.name : std::to_string(caller.user_id);
  if (caller.key_quota != nullptr) key = std::to_string(caller.key_id);
  if (!caller.is_known()) {
    add(SubjectKind::address, address, rules_.anonymous);
  } else if (caller.user_quota != nullptr) {
    add(SubjectKind::user, user, *caller.user_quota);
  } else {
    add(SubjectKind::role, user, rules_.by_role.at(static_cast<std::size_t>(caller.role)));
  }
  if (caller.key_quota != nullptr) add(SubjectKind::key, key, *caller.key_quota);
  const auto of_model = rules_.of_model && !model.empty() ? rules_.of_model(model) : ModelQuotas{};
  add(SubjectKind::model, model, of_model.together);
  if (caller.is_known()) add(SubjectKind::user_at_model, user, of_model.each_user, model);
  if (subjects.empty()) return Admission{};
  return quotas_.admit(subjects, bytes, std::chrono::steady_clock::now());
}

}  // namespace berth::identity
