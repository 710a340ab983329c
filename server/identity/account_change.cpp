// SPDX-License-Identifier: Apache-2.0
#include "identity/account_change.h"

#include <algorithm>

#include "base/json.h"
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

// Builds {"a":1,"b":"x"}.
class Object {
 public:
  void add(std::string_view name, std::string_view json_value) {
    text_.append(text_.size() > 1 ? "," : "").append(json::quote(name)).append(":").append(json_value);
  }
  std::string take() { return std::move(text_.append("}")); }

 private:
  std::string text_ = "{";
};

std::string_view flag(bool value) { return value ? "true" : "false"; }

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
  if (!change.expires) return;
  row.expires = *change.expires ? std::optional(store::time_text(**change.expires)) : std::nullopt;
}

std::string describe(const UserChange& change) {
  Object object;
  if (change.username) object.add("username", json::quote(*change.username));
  if (change.password) object.add("password", "\"changed\"");
  if (change.email) object.add("email", json::quote(*change.email));
  if (change.role) object.add("role", json::quote(to_string(*change.role)));
  if (change.enabled) object.add("enabled", flag(*change.enabled));
  if (change.rights) object.add("rights", change.rights->to_json());
  if (change.quota_json) object.add("quota", *change.quota_json);
  return object.take();
}

std::string describe(const KeyChange& change) {
  Object object;
  if (change.name) object.add("name", json::quote(*change.name));
  if (change.enabled) object.add("enabled", flag(*change.enabled));
  if (change.rights) object.add("rights", change.rights->to_json());
  if (change.quota_json) object.add("quota", *change.quota_json);
  if (change.expires) object.add("expires", *change.expires ? json::quote(store::time_text(**change.expires)) : "null");
  return object.take();
}

tl::unexpected<Error> last_admin() {
  return failure(Code::conflict, "this is the last admin who is enabled; make another one first");
}

}  // namespace berth::identity
