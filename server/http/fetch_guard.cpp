// SPDX-License-Identifier: Apache-2.0
#include "http/fetch_guard.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.h"
#include "http/body.h"
#include "http/header_value.h"

namespace berth::http {
namespace {

constexpr std::size_t kMaxUrlBytes = 8UL * 1024;

template <typename Number>
std::optional<Number> parse_decimal(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "a:1" → {a, 1}, "[::1]:1" → {::1, 1}, "::1" → {::1, none}.
std::optional<std::pair<std::string, std::optional<std::uint16_t>>> split_port(const std::string& text) {
  auto end = text.size(), begin = std::size_t{0};
  auto colon = text.find(':');
  if (text.starts_with('[')) {
    begin = 1;
    end = text.find(']');
    if (end == text.npos) return std::nullopt;
    colon = end + 1 < text.size() ? end + 1 : text.npos;
    if (colon != text.npos && text[colon] != ':') return std::nullopt;
  } else if (colon != text.npos && text.find(':', colon + 1) != text.npos) {
    colon = text.npos;  // a bare IPv6 address
  } else {
    end = std::min(colon, text.size());
  }
  auto host = text.substr(begin, end - begin);
  if (colon == text.npos) return std::pair{std::move(host), std::optional<std::uint16_t>()};
  const auto port = parse_decimal<std::uint16_t>(std::string_view(text).substr(colon + 1));
  if (!port || *port == 0) return std::nullopt;
  return std::pair{std::move(host), port};
}

std::optional<std::string> url_part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
  return std::string(text);
}

// "Files.Example." and "files.example" are one name.
std::string plain_host(std::string_view host) {
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  return to_lower(host);
}

std::string file_name_of(const std::string& path) {
  auto name = percent_decode(path.substr(path.find_last_of('/') + 1), false).value_or("");
  name.erase(0, name.find_last_of("/\\") + 1);
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return name == "." || name == ".." ? "" : name;
}

tl::unexpected<Error> refuse_denied(const FetchTarget& target) {
  return failure(Code::forbidden, target.host + " is among the servers that are not fetched from");
}

}  // namespace

Result<FetchGuard> FetchGuard::create(const FetchRules& rules, std::function<std::vector<Address>()> own) {
  auto allow = parse_rules(rules.allow, "fetch.allow");
  if (!allow) return tl::unexpected(std::move(allow).error());
  auto deny = parse_rules(rules.deny, "fetch.deny");
  if (!deny) return tl::unexpected(std::move(deny).error());
  return FetchGuard(*std::move(allow), *std::move(deny), rules.only_allowed, std::move(own));
}

Result<std::vector<FetchGuard::Rule>> FetchGuard::parse_rules(const std::vector<std::string>& texts,
                                                              const std::string& key) {
  std::vector<Rule> rules;
  for (const auto& text : texts) {
    auto rule = parse_rule(text);
    if (!rule) {
      std::string wrong(key);
      return failure(Code::invalid_argument,
                     wrong.append(": \"").append(text).append("\" is no host, address or range"));
    }
    rules.push_back(*std::move(rule));
  }
  return rules;
}

std::optional<FetchGuard::Rule> FetchGuard::parse_rule(const std::string& text) {
  auto parts = split_port(text);
  if (!parts) return std::nullopt;
  auto& [host, port] = *parts;
  if (const auto network = parse_network(host)) return Rule{.host = "", .network = *network, .port = port};
  const bool is_name = !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_';
  });
  if (!is_name) return std::nullopt;
  return Rule{.host = plain_host(host), .network = {}, .port = port};
}

Result<FetchTarget> FetchGuard::check_url(const std::string& text) const {
  if (text.size() > kMaxUrlBytes) return failure(Code::invalid_argument, "the URL is too long");
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; })) {
    return failure(Code::invalid_argument, "the URL contains spaces or control characters");
  }
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  const auto parsed = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (parsed != CURLUE_OK) return failure(Code::invalid_argument, "the URL is malformed");
  const auto scheme = to_lower(url_part(url.get(), CURLUPART_SCHEME).value_or(""));
  if (scheme != "http" && scheme != "https") return failure(Code::forbidden, "only http and https URLs are fetched");
  if (url_part(url.get(), CURLUPART_USER) || url_part(url.get(), CURLUPART_PASSWORD)) {
    return failure(Code::forbidden, "a URL with credentials in it is not fetched");
  }
  FetchTarget target;
  target.host = plain_host(url_part(url.get(), CURLUPART_HOST).value_or(""));
  if (std::ranges::any_of(target.host, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return failure(Code::invalid_argument, "the URL's host is not ASCII; write it in Punycode (xn--...)");
  }
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  const auto port = parse_decimal<std::uint16_t>(url_part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or(""));
  if (target.host.empty() || url_part(url.get(), CURLUPART_ZONEID) || !port || *port == 0) {
    return failure(Code::invalid_argument, "the URL's host or port is malformed");
  }
  target.port = *port;
  target.file_name = file_name_of(url_part(url.get(), CURLUPART_PATH).value_or(""));
  if (denies(target, parse_address(target.host))) return refuse_denied(target);
  return target;
}

bool FetchGuard::names(const std::vector<Rule>& rules, const FetchTarget& target,
                       const std::optional<Address>& address) {
  return std::ranges::any_of(rules, [&](const Rule& rule) {
    if (rule.port && *rule.port != target.port) return false;
    return rule.host.empty() ? address && rule.network.contains(*address) : rule.host == target.host;
  });
}

// An address is denied in whatever form it is carried.
bool FetchGuard::denies(const FetchTarget& target, const std::optional<Address>& address) const {
  if (names(deny_, target, address)) return true;
  const auto carried = address ? carried_v4(*address) : std::nullopt;
  return carried && names(deny_, target, carried);
}

Result<> FetchGuard::check_address(const FetchTarget& target, const Address& address) const {
  if (denies(target, address)) return refuse_denied(target);
  if (names(allow_, target, address)) return {};
  if (only_allowed_) return failure(Code::forbidden, target.host + " is not among the servers that are fetched from");
  const auto refuse = [&](std::string_view range) {
    return failure(Code::forbidden,
                   target.host + " leads to a " + std::string(range) + " address, which is not fetched from");
  };
  if (const auto range = special_range(address); !range.empty()) return refuse(range);
  if (std::ranges::count(own_(), address) > 0) return refuse("local");
  return {};
}

}  // namespace berth::http
