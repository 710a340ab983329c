// SPDX-License-Identifier: Apache-2.0
// FetchGuard: which URLs and addresses a fetch may go to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/address.h"

namespace berth::http {

// What a URL leads to; the host in lower case and without a last dot, an IPv6 address without brackets.
struct FetchTarget {
  std::string host;
  std::uint16_t port = 0;
  std::string file_name = {};  // the path's last segment, decoded: a label
};

// What the operator says: entries "host", "host:port", "10.0.0.0/8", "192.168.1.5:8000", "fd00::/8", "[::1]:8000". A
// host is one name and nothing below it; an address or a range is about what a name leads to.
struct FetchRules {
  std::vector<std::string> allow = {};  // may be fetched from though inside
  std::vector<std::string> deny = {};   // may not, allowed or not
  bool only_allowed = false;            // what `allow` does not name may not either
};

// Nothing in it changes once it is made. [any]
class FetchGuard {
 public:
  // invalid_argument names an entry that is none of these. `own` says which addresses are this machine's, on any
  // thread.
  static Result<FetchGuard> create(const FetchRules& rules, std::function<std::vector<Address>()> own = own_addresses);

  // http and https, no credentials, no zone, no control characters, no absurd length, an international name in its
  // xn-- form. invalid_argument; forbidden for another scheme, for credentials, and for a host that is denied.
  Result<FetchTarget> check_url(const std::string& url) const;

  // The address that the target's name led to. forbidden: denied, not allowed, or with the range it lies in.
  Result<> check_address(const FetchTarget& target, const Address& address) const;

 private:
  struct Rule {
    std::string host;  // or, where empty:
    Network network;
    std::optional<std::uint16_t> port;  // nullopt: any
  };
  static std::optional<Rule> parse_rule(const std::string& text);
  static Result<std::vector<Rule>> parse_rules(const std::vector<std::string>& texts, const std::string& key);
  static bool names(const std::vector<Rule>& rules, const FetchTarget& target, const std::optional<Address>& address);

  FetchGuard(std::vector<Rule> allow, std::vector<Rule> deny, bool only_allowed,
             std::function<std::vector<Address>()> own)
      : allow_(std::move(allow)), deny_(std::move(deny)), only_allowed_(only_allowed), own_(std::move(own)) {}

  bool denies(const FetchTarget& target, const std::optional<Address>& address) const;

  std::vector<Rule> allow_;
  std::vector<Rule> deny_;
  bool only_allowed_;
  std::function<std::vector<Address>()> own_;
};

}  // namespace berth::http
