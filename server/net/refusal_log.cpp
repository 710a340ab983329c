// SPDX-License-Identifier: Apache-2.0
#include "net/refusal_log.h"

#include <string>

#include "base/log.h"

namespace berth::net {

void RefusalLog::write(const Refusal& refusal, std::string_view request_id, std::string_view peer) {
  tell_omitted();
  if (!rate_.admits()) return;
  // The server's limits concern its operator; what a client does wrong is its own affair.
  const auto level = refusal.status >= 500 ? log::Level::warning : log::Level::info;
  std::string line = "refused " + std::to_string(refusal.status) + ": ";
  line.append(refusal.message).append("; from ").append(peer);
  log::write(level, line, {.request_id = request_id, .component = "net"});
}

void RefusalLog::tell_omitted() {
  if (rate_.refused() == 0 || !rate_.is_over()) return;
  log::warning("refused " + std::to_string(rate_.take_refused()) + " more, which are not logged one by one",
               {.component = "net"});
}

}  // namespace berth::net
