// SPDX-License-Identifier: Apache-2.0
#include "http/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <span>

namespace berth::http {
namespace {

struct V4Range {
  std::uint8_t a, b, c;
  unsigned bits;
  std::string_view name;
};

// IANA's special-purpose registry (RFC 6890 and after), multicast and the rest of what is no public unicast.
constexpr std::array<V4Range, 18> kV4{{{0, 0, 0, 8, "this network"},
                                       {10, 0, 0, 8, "private"},
                                       {100, 64, 0, 10, "carrier-grade NAT"},
                                       {127, 0, 0, 8, "loopback"},
                                       {169, 254, 0, 16, "link-local"},
                                       {172, 16, 0, 12, "private"},
                                       {192, 0, 0, 24, "protocol assignments"},
                                       {192, 0, 2, 24, "documentation"},
                                       {192, 31, 196, 24, "AS112"},
                                       {192, 52, 193, 24, "AMT"},
                                       {192, 88, 99, 24, "6to4 relay"},
                                       {192, 168, 0, 16, "private"},
                                       {192, 175, 48, 24, "AS112"},
                                       {198, 18, 0, 15, "benchmark"},
                                       {198, 51, 100, 24, "documentation"},
                                       {203, 0, 113, 24, "documentation"},
                                       {224, 0, 0, 4, "multicast"},
                                       {240, 0, 0, 4, "reserved"}}};

struct V6Range {
  std::array<std::uint8_t, 12> prefix;
  unsigned bits;
  std::string_view name;
};

// The first that contains an address names it; the last stands for everything outside 2000::/3.
constexpr std::array<V6Range, 14> kV6{{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "IPv4-mapped"},
                                       {{0x00, 0x64, 0xff, 0x9b}, 96, "NAT64"},
                                       {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "NAT64"},
                                       {{0x01, 0x00}, 64, "discard"},
                                       {{0xfc}, 7, "private"},
                                       {{0xfe, 0x80}, 10, "link-local"},
                                       {{0xfe, 0xc0}, 10, "site-local"},
                                       {{0xff}, 8, "multicast"},
                                       {{0x20, 0x01, 0x00, 0x00}, 32, "Teredo"},
                                       {{0x20, 0x01, 0x00, 0x02, 0x00, 0x00}, 48, "benchmark"},
                                       {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
                                       {{0x20, 0x01, 0x00}, 23, "protocol assignments"},
                                       {{0x20, 0x02}, 16, "6to4"},
                                       {{0x3f, 0xff, 0x00}, 20, "documentation"}}};

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool same_prefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, unsigned bits) {
  const auto whole = bits / 8;
  if (!std::ranges::equal(a.first(whole), b.first(whole))) return false;
  const auto rest = bits % 8;
  return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

std::string_view special_v6(std::span<const std::uint8_t, 16> bytes) {
  if (std::ranges::all_of(bytes.first(15), [](auto byte) { return byte == 0; })) {
    if (bytes[15] == 0) return "unspecified";
    if (bytes[15] == 1) return "loopback";
  }
  for (const auto& range : kV6) {
    if (same_prefix(bytes, range.prefix, range.bits)) return range.name;
  }
  return bytes[0] >> 5 == 1 ? "" : "reserved";
}

// Where in an address of a range the IPv4 one lies.
struct Carrier {
  std::array<std::uint8_t, 12> prefix;
  unsigned bits;
  std::size_t at;
  std::uint8_t mask;  // Teredo writes its client's address inverted
};
constexpr std::array<Carrier, 5> kCarriers{{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 12, 0},
                                            {{0}, 96, 12, 0},
                                            {{0x00, 0x64, 0xff, 0x9b}, 96, 12, 0},
                                            {{0x20, 0x02}, 16, 2, 0},
                                            {{0x20, 0x01, 0x00, 0x00}, 32, 12, 0xff}}};

}  // namespace

std::optional<Address> parse_address(const std::string& text) {
  if (text.find('\0') != text.npos) return std::nullopt;  // inet_pton would not see what is behind
  Address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
  address.is_v6 = true;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::optional<Address> to_address(const sockaddr& generic) {
  Address address;
  if (generic.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &generic, sizeof v4);
    std::memcpy(address.bytes.data(), &v4.sin_addr, 4);
    return address;
  }
  if (generic.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &generic, sizeof v6);
    address.is_v6 = true;
    std::memcpy(address.bytes.data(), &v6.sin6_addr, 16);
    return address;
  }
  return std::nullopt;
}

std::string to_string(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

Address unmapped(const Address& address) {
  if (!address.is_v6 || !same_prefix(address.bytes, kMapped, 96)) return address;
  Address v4;
  std::ranges::copy(std::span(address.bytes).last<4>(), v4.bytes.begin());
  return v4;
}

std::optional<Network> parse_network(const std::string& text) {
  const auto slash = text.find('/');
  const auto base = parse_address(text.substr(0, slash));
  if (!base) return std::nullopt;
  const auto width = base->is_v6 ? 128U : 32U;
  if (slash == text.npos) return Network{*base, width};
  unsigned bits = 0;
  const auto *const begin = text.data() + slash + 1, *const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, bits);
  if (error != std::errc() || stopped != end || bits > width) return std::nullopt;
  return Network{*base, bits};
}

bool Network::contains(const Address& address) const {
  return address.is_v6 == base.is_v6 && same_prefix(address.bytes, base.bytes, bits);
}

std::string_view special_range(const Address& address) {
  if (address.is_v6) return special_v6(address.bytes);
  for (const auto& [a, b, c, bits, name] : kV4) {
    if (same_prefix(address.bytes, std::array<std::uint8_t, 4>{a, b, c, 0}, bits)) return name;
  }
  return "";
}

std::optional<Address> carried_v4(const Address& address) {
  if (!address.is_v6) return std::nullopt;
  for (const auto& [prefix, bits, at, mask] : kCarriers) {
    if (!same_prefix(address.bytes, prefix, bits)) continue;
    Address carried;
    for (std::size_t i = 0; i < 4; ++i) carried.bytes[i] = static_cast<std::uint8_t>(address.bytes[at + i] ^ mask);
    return carried;
  }
  return std::nullopt;
}

bool is_loopback(const Address& address) {
  if (!address.is_v6) return address.bytes[0] == 127;
  if (same_prefix(address.bytes, kMapped, 96)) return address.bytes[12] == 127;
  return special_v6(address.bytes) == "loopback";
}

bool is_loopback(const std::string& address) {
  const auto parsed = parse_address(address);
  return parsed && is_loopback(*parsed);
}

std::vector<Address> own_addresses() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, freeifaddrs);
  std::vector<Address> addresses;
  for (const auto* entry = first; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr) continue;
    if (const auto address = to_address(*entry->ifa_addr)) addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace berth::http
