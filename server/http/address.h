// SPDX-License-Identifier: Apache-2.0
// Address: an IPv4 or IPv6 address as a value, and the special range it lies in, if any.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::http {

struct Address {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes = {};  // IPv4: the first four
  bool operator==(const Address&) const = default;
};

// Dotted or colon form only; no names, no zone, no 0x7f.1.
std::optional<Address> parse_address(const std::string& text);
// nullopt for a family that is neither.
std::optional<Address> to_address(const sockaddr& address);
std::string to_string(const Address& address);
// The IPv4 address that an IPv4-mapped one (::ffff:192.0.2.1) means; any other as it is.
Address unmapped(const Address& address);

struct Network {
  Address base;
  unsigned bits = 0;

  bool contains(const Address& address) const;
  bool operator==(const Network&) const = default;
};

// "10.0.0.0/8", "fd00::/8", or an address alone, which is a network of one.
std::optional<Network> parse_network(const std::string& text);

// The name of the range that keeps an address from being a public host's: "loopback", "private", "link-local", …;
// "" for public unicast. IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are special whatever they
// carry.
std::string_view special_range(const Address& address);

// The IPv4 address that an IPv6 one carries: mapped, compatible (::192.0.2.1), NAT64, 6to4, Teredo. nullopt: none.
std::optional<Address> carried_v4(const Address& address);

// Whether it reaches this machine only: 127.0.0.0/8 and ::1, IPv4-mapped too. [any]
bool is_loopback(const Address& address);
bool is_loopback(const std::string& address);  // false for a text that is no address

// The addresses of this machine's interfaces, now.
std::vector<Address> own_addresses();

}  // namespace berth::http
