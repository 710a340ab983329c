// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

namespace berth {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid_argument: return "invalid_argument";
    case Code::unauthenticated: return "unauthenticated";
    case Code::forbidden: return "forbidden";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::too_large: return "too_large";
    case Code::busy: return "busy";
    case Code::throttled: return "throttled";
    case Code::cancelled: return "cancelled";
    case Code::timeout: return "timeout";
    case Code::not_implemented: return "not_implemented";
    case Code::unavailable: return "unavailable";
    case Code::internal: return "internal";
  }
  return "internal";
}

}  // namespace berth
