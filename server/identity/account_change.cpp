// SPDX-License-Identifier: Apache-2.0
#include "identity/account_change.h"

#include <algorithm>
#include <optional>

#include "base/json_object.h"
#include "base/text.h"
#include "store/row.h"

namespace berth::identity {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxEmailBytes = 254;

// A name that can stand in a log line, a table and a URL's query.
Result<> check_name(std::string_view member, std::string_view name) {
  const auto refuse = [&](const char* what) {
    return failure(Code::invalid_argument, std::string(member).append(": ").append(what));
  };
  if (name.empty() || name.size() > kMaxNameBytes) return refuse("expected 1 to 64 bytes");
  const bool has_controls = std::ranges::any_of(name, [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (!is_utf8(name) || has_controls) return refuse("expected text without control characters");
  if (name.front() == ' ' || name.back() == ' ') return refuse("expected no space at its ends");
  return {};
}

std::optional<std::string> expiry_text(const std::optional<Time>& expires) {
  return expires ? std::optional(store::time_text(*expires)) : std::nullopt;
}

}  // namespace

Result<> check(const UserChange& change, bool is_new) {
  if (change.username && !is_new) return failure(Code::invalid_argument, "username: it cannot be changed");
  if (change.username) {
    if (auto good = check_name("username", *change.username); !good) return good;
  }
  if (change.email && (change.email->size() > kMaxEmailBytes || !is_utf8(*change.email))) {
    return failure(Code::invalid_argument, "email: expected at most 254 bytes of text");
  }
  if (change.password) {
    if (auto good = check_password(*change.password); !good) {
      return failure(Code::invalid_argument, "password: " + good.error().message);
    }
  }
  return {};
}

Result<> check(const KeyChange& change, bool is_new) {
  if (is_new && !change.name) return failure(Code::invalid_argument, "name: it is missing");
  return change.name ? check_name("name", *change.name) : Result<>();
}

void apply(const UserChange& change, store::UserRow& row) {
  if (change.email) row.email = *change.email;
  if (change.role) row.role = to_string(*change.role);
  if (change.enabled) row.enabled = *change.enabled;
  if (change.rights) row.rights_json = change.rights->to_json();
  if (change.quota_json) row.quota_json = *change.quota_json;
}

void apply(const KeyChange& change, store::KeyRow& row) {
  if (change.name) row.name = *change.name;
  if (change.enabled) row.enabled = *change.enabled;
  if (change.rights) row.rights_json = change.rights->to_json();
  if (change.quota_json) row.quota_json = *change.quota_json;
  if (change.expires) row.expires = expiry_text(*change.expires);
}

std::string describe(const UserChange& change) {
  json::ObjectText object;
  if (change.username) object.text("username", *change.username);
  if (change.password) object.text("password", "changed");
  if (change.email) object.text("email", *change.email);
  if (change.role) object.text("role", to_string(*change.role));
  if (change.enabled) object.flag("enabled", *change.enabled);
  if (change.rights) object.raw("rights", change.rights->to_json());
  if (change.quota_json) object.raw("quota", *change.quota_json);
  return object.done();
}

std::string describe(const KeyChange& change) {
  json::ObjectText object;
  if (change.name) object.text("name", *change.name);
  if (change.enabled) object.flag("enabled", *change.enabled);
  if (change.rights) object.raw("rights", change.rights->to_json());
  if (change.quota_json) object.raw("quota", *change.quota_json);
  if (change.expires) object.optional("expires", expiry_text(*change.expires));
  return object.done();
}

tl::unexpected<Error> last_admin() {
  return failure(Code::conflict, "this is the last admin who is enabled; make another one first");
}

}  // namespace berth::identity
