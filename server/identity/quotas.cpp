// SPDX-License-Identifier: Apache-2.0
#include "identity/quotas.h"

#include <algorithm>
#include <utility>

#include "base/mutex.h"
#include "base/units.h"

namespace berth::identity {
namespace {

using std::chrono::seconds;

std::string_view name_of(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::address: return "your address";
    case SubjectKind::user: return "your account";
    case SubjectKind::key: return "your key";
    case SubjectKind::role: return "your role";
    case SubjectKind::model: return "this model";
    case SubjectKind::user_at_model: return "your account with this model";
  }
  return "";
}

std::string_view name_of(QuotaLimit::Per per) {
  switch (per) {
    case QuotaLimit::Per::second: return " a second";
    case QuotaLimit::Per::minute: return " a minute";
    case QuotaLimit::Per::hour: return " an hour";
    case QuotaLimit::Per::day: return " a day";
    case QuotaLimit::Per::none: return " at once";
  }
  return "";
}

std::string text_of(const QuotaLimit& limit) {
  auto text = limit.of == QuotaLimit::Of::bytes ? format_size(limit.value).append(" of request bodies")
                                                : std::to_string(limit.value).append(" request");
  if (limit.of != QuotaLimit::Of::bytes && limit.value != 1) text += 's';
  return text.append(name_of(limit.per));
}

QuotaTable::Key key_of(const QuotaSubject& subject) { return {subject.kind, subject.id, subject.model}; }

// The one that stands in the way for longest.
struct Obstacle {
  const QuotaSubject* subject;
  Shortage shortage;
};

Refusal refusal_of(const Obstacle& obstacle, const std::optional<RateLimit>& tightest) {
  const auto& [limit, wait] = obstacle.shortage;
  Refusal refusal{.kind = obstacle.subject->kind, .limit = limit, .retry_after = {}, .rate_limit = tightest};
  if (wait) refusal.retry_after = std::chrono::ceil<seconds>(*wait);
  if (limit.of == QuotaLimit::Of::requests) {
    const auto at_once = limit.per == QuotaLimit::Per::second ? obstacle.subject->quota->bucket() : limit.value;
    refusal.rate_limit = RateLimit{.limit = at_once, .remaining = 0, .reset = refusal.retry_after.value_or(seconds(0))};
  }
  return refusal;
}

}  // namespace

// What Quotas and its tickets share.
class QuotaLedger {
 public:
  explicit QuotaLedger(Quotas::Options options) : addresses_(options.max_addresses), others_(options.max_subjects) {}

  tl::expected<Admission, Refusal> admit(std::span<const QuotaSubject> subjects, std::uint64_t bytes, QuotaTime now)
      BERTH_EXCLUDES(mutex_);
  void end(const std::vector<QuotaTable::Place>& places) BERTH_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    for (const auto place : places) table_of(place->kind).end(place);
  }
  std::size_t remembered() BERTH_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return addresses_.size() + others_.size();
  }

 private:
  struct Found {
    const QuotaSubject* subject;
    std::optional<QuotaTable::Place> place;
  };

  QuotaTable& table_of(SubjectKind kind) BERTH_REQUIRES(mutex_) {
    return kind == SubjectKind::address ? addresses_ : others_;
  }
  void find(std::span<const QuotaSubject> subjects) BERTH_REQUIRES(mutex_);
  std::optional<Refusal> refusal(std::uint64_t bytes, QuotaTime now) BERTH_REQUIRES(mutex_);
  Admission take(std::uint64_t bytes, QuotaTime now) BERTH_REQUIRES(mutex_);

  Mutex mutex_;
  QuotaTime latest_ BERTH_GUARDED_BY(mutex_) = QuotaTime::min();
  QuotaTable addresses_ BERTH_GUARDED_BY(mutex_);
  QuotaTable others_ BERTH_GUARDED_BY(mutex_);
  std::vector<Found> found_ BERTH_GUARDED_BY(mutex_);  // of the request that is looked at; kept for its memory
};

tl::expected<Admission, Refusal> QuotaLedger::admit(std::span<const QuotaSubject> subjects, std::uint64_t bytes,
                                                    QuotaTime now) {
  const Lock lock(mutex_);
  now = latest_ = std::max(latest_, now);
  addresses_.forget_full(now, 1);
  others_.forget_full(now, 1);
  find(subjects);
  if (const auto refused = refusal(bytes, now)) return tl::unexpected(*refused);
  return take(bytes, now);
}

void QuotaLedger::find(std::span<const QuotaSubject> subjects) {
  found_.clear();
  for (const auto& subject : subjects) {
    if (subject.quota->is_unlimited()) continue;
    auto& table = table_of(subject.kind);
    found_.push_back({&subject, table.find(key_of(subject))});
    if (found_.back().place) table.hear_of(*found_.back().place);
  }
}

std::optional<Refusal> QuotaLedger::refusal(std::uint64_t bytes, QuotaTime now) {
  const QuotaUse nothing;
  std::optional<Obstacle> longest;
  for (const auto& [subject, place] : found_) {
    const auto shortage = (place ? (*place)->use : nothing).shortage(*subject->quota, bytes, now);
    if (shortage && (!longest || is_longer(*shortage, longest->shortage))) longest = Obstacle{subject, *shortage};
  }
  if (!longest) return std::nullopt;
  std::optional<RateLimit> tightest;
  for (const auto& [subject, place] : found_) {
    tightest = tighter(tightest, (place ? (*place)->use : nothing).tightest(*subject->quota, now));
  }
  return refusal_of(*longest, tightest);
}

Admission QuotaLedger::take(std::uint64_t bytes, QuotaTime now) {
  Admission admission;
  const auto count = [&](const QuotaSubject& subject, QuotaTable& table, QuotaTable::Place place) {
    place->use.take(*subject.quota, bytes, now);
    admission.rate_limit = tighter(admission.rate_limit, place->use.tightest(*subject.quota, now));
    if (subject.quota->concurrent == 0) return;
    table.start(place);
    admission.ticket.running_.push_back(place);
  };
  // Those that are known first: adding others may make the table forget them.
  for (const auto& [subject, place] : found_) {
    if (place) count(*subject, table_of(subject->kind), *place);
  }
  for (const auto& [subject, place] : found_) {
    if (place) continue;
    auto& table = table_of(subject->kind);
    count(*subject, table, table.add(key_of(*subject), now));
  }
  return admission;
}

QuotaTicket& QuotaTicket::operator=(QuotaTicket&& other) noexcept {
  QuotaTicket before(std::move(other));  // ends what this one had before
  ledger_.swap(before.ledger_);
  running_.swap(before.running_);
  return *this;
}

QuotaTicket::~QuotaTicket() {
  if (ledger_) ledger_->end(running_);
}

Quotas::Quotas(Options options) : ledger_(std::make_shared<QuotaLedger>(options)) {}

Quotas::~Quotas() = default;

tl::expected<Admission, Refusal> Quotas::admit(std::span<const QuotaSubject> subjects, std::uint64_t bytes,
                                               QuotaTime now) {
  auto answer = ledger_->admit(subjects, bytes, now);
  if (answer && !answer->ticket.running_.empty()) answer->ticket.ledger_ = ledger_;
  return answer;
}

std::size_t Quotas::remembered() const { return ledger_->remembered(); }

std::string message_of(const Refusal& refusal) {
  auto limit = std::string("the limit of ").append(text_of(refusal.limit)).append(" for ");
  limit.append(name_of(refusal.kind));
  if (!refusal.retry_after) return "this request's body alone is more than " + limit;
  return limit.append(" is reached; try again in ").append(std::to_string(refusal.retry_after->count())).append(" s");
}

}  // namespace berth::identity
