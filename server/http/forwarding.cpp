// SPDX-License-Identifier: Apache-2.0
#include "http/forwarding.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/header_value.h"

namespace berth::http {
namespace {

// More proxies than this one behind the other are a loop or a lie.
constexpr std::size_t kMaxHops = 16;
constexpr std::size_t kMaxHostBytes = 262;  // a name and a port

// What one proxy says of the request that it got, unchecked.
struct Hop {
  std::string node = {};  // whom it got it from: "192.0.2.1", "[2001:db8::1]:4711", "unknown"
  std::string scheme = {};
  std::string host = {};
};

// Whom a chain leads to.
struct Origin {
  Address client;
  Hop hop;
};

// "" or a colon and a port, which may be hidden ("_x").
bool is_port_or_nothing(std::string_view text) {
  if (text.empty()) return true;
  const bool hidden = text.starts_with(":_");
  const auto name = text.substr(hidden ? 2 : 1);
  const auto fits = [&](char c) {
    const bool digit = c >= '0' && c <= '9';
    return digit || (hidden && ((to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '.' || c == '_' || c == '-'));
  };
  return text.front() == ':' && !name.empty() && (hidden || name.size() <= 5) && std::ranges::all_of(name, fits);
}

// With or without a port; IPv6 with or, where there is no port, without brackets.
std::optional<Address> parse_node(std::string_view text) {
  auto host = text;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos || !is_port_or_nothing(text.substr(end + 1))) return std::nullopt;
    host = text.substr(1, end - 1);
    if (host.find(':') == host.npos) return std::nullopt;
  } else if (const auto colon = text.find(':'); colon != text.npos && colon == text.rfind(':')) {
    if (!is_port_or_nothing(text.substr(colon))) return std::nullopt;
    host = text.substr(0, colon);
  }
  const auto address = parse_address(std::string(host));
  return address ? std::optional(unmapped(*address)) : std::nullopt;
}

std::string scheme_or_nothing(std::string_view text) {
  auto scheme = to_lower(text);
  return scheme == "http" || scheme == "https" ? scheme : std::string();
}

std::string host_or_nothing(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
  return plain && text.size() <= kMaxHostBytes ? std::string(text) : std::string();
}

// A token, or an address that should have been quoted; cut off the front of `rest`.
std::string take_plain(std::string_view& rest) {
  const auto ends = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f ||
           std::string_view("\"(),/;<=>?@\\{}").find(c) != std::string_view::npos;
  };
  const auto end = static_cast<std::size_t>(std::ranges::find_if(rest, ends) - rest.begin());
  std::string taken(rest.substr(0, end));
  rest.remove_prefix(end);
  return taken;
}

// "for=192.0.2.1;proto=https", cut off the front of `rest`. Strict: whoever may write a part of a line, even an open
// quote, must not be able to swallow what a proxy wrote behind it.
std::optional<Hop> take_element(std::string_view& rest) {
  Hop hop;
  for (;;) {
    rest = trim(rest);
    const auto name = to_lower(take_plain(rest));
    if (name.empty() || !rest.starts_with('=')) return std::nullopt;
    rest.remove_prefix(1);
    auto value = rest.starts_with('"') ? take_quoted(rest) : take_plain(rest);
    if (!value || value->empty()) return std::nullopt;
    auto* member = name == "for" ? &hop.node : name == "proto" ? &hop.scheme : name == "host" ? &hop.host : nullptr;
    if (member != nullptr && !std::exchange(*member, *std::move(value)).empty()) return std::nullopt;
    rest = trim(rest);
    if (!rest.starts_with(';')) return hop;
    rest.remove_prefix(1);
  }
}

// Both readers give a line's hops from the left to the right; a line that breaks the grammar is one hop that says
// nothing.
std::vector<Hop> read_forwarded(std::string_view line) {
  std::vector<Hop> hops;
  for (;;) {
    auto hop = take_element(line);
    if (!hop) return {Hop{}};
    hops.push_back(*std::move(hop));
    if (line.empty()) return hops;
    if (line.front() != ',') return {Hop{}};
    line.remove_prefix(1);
  }
}

std::vector<Hop> read_x_forwarded_for(std::string_view line) {
  std::vector<Hop> hops;
  for (;;) {
    const auto comma = std::min(line.find(','), line.size());
    hops.push_back({.node = std::string(trim(line.substr(0, comma)))});
    if (comma == line.size()) return hops;
    line.remove_prefix(comma + 1);
  }
}

bool contains(std::span<const Network> networks, const Address& address) {
  return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

// Follows the header's lines from the last to the first.
template <typename Read>
std::optional<Origin> follow(const Pairs& headers, std::string_view name, const Address& peer,
                             std::span<const Network> trusted, Read read) {
  std::optional<Origin> farthest;
  std::size_t hops = 0;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->first != name) continue;
    auto line = read(header->second);
    for (auto hop = line.rbegin(); hop != line.rend(); ++hop) {
      const auto address = parse_node(hop->node);
      if (!address || ++hops > kMaxHops) return std::nullopt;
      const auto nearest = farthest ? farthest->client : peer;
      if (is_loopback(*address) && !is_loopback(nearest)) return Origin{nearest, std::move(*hop)};
      farthest = Origin{*address, std::move(*hop)};
      if (!contains(trusted, *address)) return farthest;
    }
  }
  return farthest;
}

// The value of a header that is there once, with one value; "" otherwise.
std::string_view only_value(const Pairs& headers, std::string_view name) {
  if (std::ranges::count(headers, name, &Pairs::value_type::first) != 1) return {};
  const std::string_view value = std::ranges::find(headers, name, &Pairs::value_type::first)->second;
  return value.find(',') == value.npos ? value : std::string_view();
}

}  // namespace

std::optional<Forwarding> read_forwarding(const Pairs& headers, const std::string& peer,
                                          std::span<const Network> trusted) {
  if (trusted.empty()) return std::nullopt;
  const auto sender = parse_node(peer);
  if (!sender || !contains(trusted, *sender)) return std::nullopt;
  const auto is_there = [&](std::string_view name) {
    return std::ranges::count(headers, name, &Pairs::value_type::first) != 0;
  };
  const bool has_standard = is_there("forwarded"), has_usual = is_there("x-forwarded-for");
  auto standard = has_standard ? follow(headers, "forwarded", *sender, trusted, read_forwarded) : std::nullopt;
  auto usual = has_usual ? follow(headers, "x-forwarded-for", *sender, trusted, read_x_forwarded_for) : std::nullopt;
  if (usual) {
    usual->hop.scheme = only_value(headers, "x-forwarded-proto");
    usual->hop.host = only_value(headers, "x-forwarded-host");
  }
  // A proxy that writes one kind may let its client's other kind through: they must agree.
  if (has_standard && has_usual && (!standard || !usual || standard->client != usual->client)) return std::nullopt;
  const auto& origin = has_usual ? usual : standard;
  if (!origin) return std::nullopt;
  return Forwarding{.client = to_string(origin->client),
                    .scheme = scheme_or_nothing(origin->hop.scheme),
                    .host = host_or_nothing(origin->hop.host)};
}

void apply_forwarding(Request& request, std::span<const Network> trusted) {
  auto told = read_forwarding(request.headers, request.peer, trusted);
  if (!told) return;
  request.proxy = std::exchange(request.peer, std::move(told->client));
  request.scheme = std::move(told->scheme);
  request.forwarded_host = std::move(told->host);
}

}  // namespace berth::http
