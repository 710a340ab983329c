// SPDX-License-Identifier: Apache-2.0
// Session: one model instance's life in this process: create, warm, say what it is, serve calls, destroy.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "berth/abi.h"
#include "worker/call_args.h"
#include "worker/channel.h"
#include "worker/host.h"
#include "worker/inbox.h"
#include "worker/memory.h"
#include "worker/plugin.h"
#include "worker/results.h"

namespace berth::worker {

// Tells the server why there will be no model. [any]
void refuse(int side, std::string_view reason);

// Every call of the plugin for its instance comes from the thread that runs this.
class Session {
 public:
  // Reads `load` from the side socket. Sends `ready`, which tells of `walls`, or `failed`, then serves until `end` or
  // the server is gone. False: the model could not be made. [worker], blocks
  static bool run(int control, int side, SharedMemory& memory, std::string_view walls);

 private:
  Session(int control, int side, SharedMemory& memory, const Load& load);

  Result<> create(const Load& load);
  Result<> announce(std::string_view walls);
  void serve();
  void serve_calls();
  bool answer(const CallHeader& header, Reader& reader);
  std::uint64_t compute(Method method, const std::vector<std::unique_ptr<CallArgs>>& calls,
                        const std::vector<std::unique_ptr<ResultSlot>>& slots);
  template <typename Function>
  Result<std::string> ask(Function function, bool json_wanted);
  bool reply(const CallHeader& header, std::uint64_t compute_ns, const std::vector<std::unique_ptr<ResultSlot>>& slots);

  const int control_;
  const int side_;
  SharedMemory& memory_;
  Host host_;
  Inbox inbox_;
  std::unique_ptr<Plugin> plugin_;
  const berth_model_type* type_ = nullptr;
  berth_package package_;  // the plugin may keep pointers into it until destroy returned
  void* model_ = nullptr;
  Writer writer_;
};

}  // namespace berth::worker
