// SPDX-License-Identifier: Apache-2.0
#include "dialects/account_json.h"

#include <ctime>
#include <functional>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/json_object.h"
#include "base/utc.h"
#include "identity/quota.h"

namespace berth::dialects {
namespace {

using json::ObjectText;

constexpr std::string_view kTimeFormat = "2026-11-22T10:00:00Z";

tl::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return failure(Code::invalid_argument, std::string(member).append(": ").append(what));
}

ObjectText& describe(ObjectText& object, const identity::Key& key) {
  return object.number("id", key.id)
      .number("user_id", key.user_id)
      .text("name", key.name)
      .text("prefix", key.prefix)
      .flag("enabled", key.enabled)
      .raw("rights", key.rights.to_json())
      .raw("quota", key.quota_json)
      .optional("expires", key.expires)
      .optional("last_used", key.last_used)
      .text("created_datetime", key.created)
      .text("updated_datetime", key.updated);
}

// How each member is read.
using Readers = std::map<std::string_view, std::function<Result<>(const json::Value&)>>;

Result<> read_members(std::string_view text, const Readers& readers) {
  const auto body = json::parse(text);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->IsObject()) return failure(Code::invalid_argument, "expected a JSON object");
  for (const auto& member : body->GetObject()) {
    const auto reader = readers.find(json::view(member.name));
    if (reader == readers.end()) return wrong(json::view(member.name), "there is no such member");
    if (auto read = reader->second(member.value); !read) return read;
  }
  return {};
}

auto text_into(std::string_view name, std::optional<std::string>& target) {
  return [name, &target](const json::Value& value) -> Result<> {
    if (!value.IsString()) return wrong(name, "expected a text");
    target = json::view(value);
    return {};
  };
}

auto flag_into(std::string_view name, std::optional<bool>& target) {
  return [name, &target](const json::Value& value) -> Result<> {
    if (!value.IsBool()) return wrong(name, "expected true or false");
    target = value.GetBool();
    return {};
  };
}

auto rights_into(std::optional<identity::Rights>& target) {
  return [&target](const json::Value& value) -> Result<> {
    auto rights = identity::Rights::parse(json::to_text(value));
    if (!rights) return tl::unexpected<Error>(rights.error());
    target = std::move(*rights);
    return {};
  };
}

auto quota_into(std::optional<std::string>& target) {
  return [&target](const json::Value& value) -> Result<> {
    const auto quota = identity::Quota::parse(json::to_text(value));
    if (!quota) return wrong("quota", quota.error().message);
    target = quota->to_json();
    return {};
  };
}

Result<> read_role(const json::Value& value, std::optional<identity::Role>& role) {
  role = value.IsString() ? identity::parse_role(json::view(value)) : std::nullopt;
  if (!role) return wrong("role", "expected viewer, user or admin");
  return {};
}

Result<> read_expiry(const json::Value& value, std::optional<std::optional<identity::Time>>& expires) {
  expires.emplace();
  if (value.IsNull()) return {};
  const auto time = value.IsString() ? parse_utc(std::string(json::view(value))) : std::nullopt;
  if (!time) return wrong("expires", std::string("expected null, or a time such as ").append(kTimeFormat));
  *expires = *time;
  return {};
}

}  // namespace

std::string to_json(const identity::User& user) {
  return ObjectText()
      .number("id", user.id)
      .text("username", user.username)
      .text("email", user.email)
      .text("role", to_string(user.role))
      .flag("enabled", user.enabled)
      .raw("rights", user.rights.to_json())
      .raw("quota", user.quota_json)
      .text("created_datetime", user.created)
      .text("updated_datetime", user.updated)
      .done();
}

std::string to_json(const identity::Key& key) {
  ObjectText object;
  return describe(object, key).done();
}

std::string to_json(const identity::NewKey& key) {
  ObjectText object;
  return describe(object, key.key).text("key", key.secret).done();
}

std::string to_json(const store::AuditEntry& entry) {
  return ObjectText()
      .number("id", entry.id)
      .text("time", entry.created)
      .text("actor", entry.actor)
      .text("address", entry.address)
      .text("action", entry.action)
      .text("target", entry.target)
      .raw("detail", entry.detail_json)
      .text("hash", entry.hash)
      .done();
}

std::string to_json(const store::AuditVerdict& verdict) {
  ObjectText object;
  object.flag("good", !verdict.first_altered).number("entries", verdict.count).text("last_hash", verdict.last_hash);
  if (verdict.first_altered) object.number("first_altered", *verdict.first_altered);
  return object.done();
}

Result<identity::UserChange> read_user(std::string_view text) {
  identity::UserChange change;
  const Readers readers{
      {"username", text_into("username", change.username)},
      {"password", text_into("password", change.password)},
      {"email", text_into("email", change.email)},
      {"role", [&change](const json::Value& value) { return read_role(value, change.role); }},
      {"enabled", flag_into("enabled", change.enabled)},
      {"rights", rights_into(change.rights)},
      {"quota", quota_into(change.quota_json)},
  };
  if (auto read = read_members(text, readers); !read) return tl::unexpected<Error>(read.error());
  return change;
}

Result<identity::KeyChange> read_key(std::string_view text) {
  identity::KeyChange change;
  const Readers readers{
      {"name", text_into("name", change.name)},
      {"enabled", flag_into("enabled", change.enabled)},
      {"rights", rights_into(change.rights)},
      {"quota", quota_into(change.quota_json)},
      {"expires", [&change](const json::Value& value) { return read_expiry(value, change.expires); }},
  };
  if (auto read = read_members(text, readers); !read) return tl::unexpected<Error>(read.error());
  return change;
}

Result<Login> read_login(std::string_view text) {
  std::optional<std::string> username, password;
  const Readers readers{{"username", text_into("username", username)}, {"password", text_into("password", password)}};
  if (auto read = read_members(text, readers); !read) return tl::unexpected<Error>(read.error());
  if (!username) return wrong("username", "it is missing");
  if (!password) return wrong("password", "it is missing");
  return Login{std::move(*username), std::move(*password)};
}

}  // namespace berth::dialects
