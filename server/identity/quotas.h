// SPDX-License-Identifier: Apache-2.0
// Quotas: counts what each caller asks for, and lets in what their quotas leave room for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/quota_table.h"

namespace berth::identity {

// Somebody, or something, that has a quota of its own. Views and pointer are needed while admit() runs only.
struct QuotaSubject {
  SubjectKind kind;
  std::string_view id;  // of an address: quota_address()
  const Quota* quota;
  std::string_view model = {};  // of user_at_model
};

class QuotaLedger;

// The right to run beside others, from admission to the end of the answer. It may outlive its Quotas, and be destroyed
// on any thread.
class QuotaTicket {
 public:
  QuotaTicket() = default;  // of nobody whose quota limits what runs at once
  QuotaTicket(QuotaTicket&& other) noexcept = default;
  QuotaTicket& operator=(QuotaTicket&& other) noexcept;
  ~QuotaTicket();

  bool holds_something() const { return !running_.empty(); }

 private:
  friend class QuotaLedger;
  friend class Quotas;
  std::shared_ptr<QuotaLedger> ledger_;
  std::vector<QuotaTable::Place> running_;
};

struct Admission {
  // Whether there is anything to end or to tell.
  bool is_counted() const { return rate_limit || ticket.holds_something(); }

  QuotaTicket ticket;
  std::optional<RateLimit> rate_limit;  // the tightest after this request; nullopt: no requests are counted
};

struct Refusal {
  SubjectKind kind{};  // whose limit it was
  QuotaLimit limit;
  // When to try again, rounded up; nullopt: never, such a body is more than the limit ever lets through.
  std::optional<std::chrono::seconds> retry_after;
  // The limit that refused where it is one on requests, and then it is reset when retry_after says; else the tightest.
  std::optional<RateLimit> rate_limit;
};
// For the client: what the limit is, and of what; nobody's name.
std::string message_of(const Refusal& refusal);

class Quotas {
 public:
  struct Options {
    // That are remembered, as QuotaTable::add says. Addresses, of which everybody has enough, push out no others.
    std::size_t max_addresses = 65'536;
    std::size_t max_subjects = 100'000;
  };

  explicit Quotas(Options options);
  ~Quotas();

  // Lets a request in where the quotas of all subjects leave room for it and its body, and counts it for all of
  // them; else it counts for none. Where several refuse, it is told of the one that does so for longest. A clock that
  // goes back stands still until it is where it was. [any]
  tl::expected<Admission, Refusal> admit(std::span<const QuotaSubject> subjects, std::uint64_t bytes, QuotaTime now);

  // How many subjects are remembered. [any]
  std::size_t remembered() const;

 private:
  const std::shared_ptr<QuotaLedger> ledger_;  // tickets have it too
};

}  // namespace berth::identity
