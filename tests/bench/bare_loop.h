// SPDX-License-Identifier: Apache-2.0
// BareLoop: the least that classifying can cost: decode, preprocess, forward, in this process, with nothing around it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace berth::bench {

// As many threads as the server has workers, each with a classifier of its own, classifying the same file over and
// over. No server, no process, no wire. (Apart from the other benchmarks because the SDK's berth::Error is not the
// server's.)
class BareLoop {
 public:
  // `config_json`: the package's model.yaml as JSON. Returns when every thread is warm.
  BareLoop(std::size_t threads, const std::filesystem::path& package, const std::string& config_json,
           std::string image);
  ~BareLoop();

  // Images a second, over `duration`.
  double run(std::chrono::milliseconds duration);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::bench
