// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "core/scalars.h"

namespace berth::core {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80U; }

// "a.example.org": labels of at most 63 letters and digits with hyphens inside, the last of at least two characters.
bool is_domain(std::string_view text, bool international) {
  const auto letter = [&](char c) { return is_alnum(c) || (international && is_beyond_ascii(c)); };
  bool dotted = false;
  for (auto dot = text.find('.'); dot != text.npos; dot = text.find('.')) {
    const auto label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || !letter(label.front()) || !letter(label.back())) return false;
    if (!std::ranges::all_of(label, [&](char c) { return letter(c) || c == '-'; })) return false;
    text.remove_prefix(dot + 1);
    dotted = true;
  }
  return dotted && text.size() >= 2 && std::ranges::all_of(text, [&](char c) { return letter(c) || c == '-'; });
}

// Four runs of one to three digits; `max` bounds each.
bool is_ipv4(std::string_view text, int max) {
  int parts = 0;
  while (true) {
    const auto dot = std::min(text.find('.'), text.size());
    const auto part = text.substr(0, dot);
    if (part.empty() || part.size() > 3 || !std::ranges::all_of(part, is_digit)) return false;
    if (std::stoi(std::string(part)) > max) return false;
    ++parts;
    if (dot == text.size()) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

bool is_bracketed_ipv6(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  return text.find(':') != text.npos && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

bool is_host(std::string_view host) {
  if (to_lower(host) == "localhost" || is_ipv4(host, 999) || is_bracketed_ipv6(host)) return true;
  if (host.ends_with('.')) host.remove_suffix(1);
  return is_domain(host, false);
}

// user:password@ before the host: no '@' within, and at most one ':'.
bool is_user_info(std::string_view text) {
  return !text.empty() && text.front() != ':' && text.find('@') == text.npos && std::ranges::count(text, ':') <= 1;
}

bool is_dot_atom(std::string_view text) {
  constexpr std::string_view kMarks = "-!#$%&'*+/=?^_`{}|~";
  bool after_dot = true;
  for (const char c : text) {
    if (c == '.' ? after_dot : !is_alnum(c) && kMarks.find(c) == kMarks.npos) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

bool is_quoted_user(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\';
    if (escaped && ++i == text.size()) return false;
    const char c = text[i];
    if (c == '\0' || c == '\n' || c == '\r' || is_beyond_ascii(c)) return false;
    if (!escaped && (c == '"' || c == '\t' || c == ' ')) return false;
  }
  return true;
}

}  // namespace

bool is_url(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == text.npos) return false;
  constexpr std::array<std::string_view, 4> kSchemes{"http", "https", "ftp", "ftps"};
  if (std::ranges::find(kSchemes, to_lower(text.substr(0, scheme_end))) == kSchemes.end()) return false;
  text.remove_prefix(scheme_end + 3);
  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  auto host = text.substr(0, authority_end);
  if (const auto at = host.rfind('@'); at != host.npos) {
    if (!is_user_info(host.substr(0, at))) return false;
    host.remove_prefix(at + 1);
  }
  const auto port = host.rfind(':');
  if (port != host.npos && host.find(']', port) == host.npos) {
    const auto digits = host.substr(port + 1);
    if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return false;
    host = host.substr(0, port);
  }
  const auto rest = text.substr(authority_end);
  return is_host(host) && rest.find_first_of(" \t\n\r\f\v") == rest.npos && rest != "?";
}

bool is_email(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == text.npos) return false;
  const auto user = text.substr(0, at);
  const auto domain = text.substr(at + 1);
  if (!is_dot_atom(user) && !is_quoted_user(user)) return false;
  if (domain == "localhost" || is_domain(domain, true)) return true;
  return domain.size() > 2 && domain.front() == '[' && domain.back() == ']' &&
         is_ipv4(domain.substr(1, domain.size() - 2), 255);
}

}  // namespace berth::core
