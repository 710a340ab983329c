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

// What a URL leads to; the host in lower case, an IPv6 address without brackets.
struct FetchTarget {
  std::string host;
  std::uint16_t port = 0;
  std::string file_name = {};  // the path's last segment, decoded: a label
};

class FetchGuard {
 public:
  // `allow`: entries "host", "host:port", "10.0.0.0/8", "192.168.1.5:8000", "fd00::/8", "[::1]:8000". invalid_argument
  // names one that is none of these. `own` says which addresses are this machine's.
  static Result<FetchGuard> create(const std::vector<std::string>& allow,
                                   std::function<std::vector<Address>()> own = own_addresses);

  // http and https, no credentials, no zone, no control characters, no absurd length. invalid_argument; forbidden for
  // another scheme and for credentials.
  Result<FetchTarget> check_url(const std::string& url) const;

  // The address that the target's name led to. forbidden, with the range it lies in.
  Result<> check_address(const FetchTarget& target, const Address& address) const;

 private:
  struct Rule {
    std::string host;  // or, where empty:
    Network network;
    std::optional<std::uint16_t> port;  // nullopt: any
  };
  static std::optional<Rule> parse_rule(const std::string& text);

  FetchGuard(std::vector<Rule> rules, std::function<std::vector<Address>()> own)
      : rules_(std::move(rules)), own_(std::move(own)) {}

  std::vector<Rule> rules_;
  std::function<std::vector<Address>()> own_;
};

}  // namespace berth::http
