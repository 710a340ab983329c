// SPDX-License-Identifier: Apache-2.0
// The part of a client's address that one client can be held to: networks of IPv6 give each of them a /64.
#pragma once

#include <string>

namespace berth::identity {

// "192.0.2.1" and "::ffff:192.0.2.1" give "192.0.2.1", "2001:db8::7:1" gives "2001:db8::/64", whatever zone follows;
// a text that is no address gives itself. [any]
std::string quota_address(const std::string& address);

}  // namespace berth::identity
