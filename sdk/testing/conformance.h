// SPDX-License-Identifier: Apache-2.0
// The conformance kit: loads a plugin exactly as the server does and checks what every plugin must hold.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace berth::conformance {

struct Options {
  std::filesystem::path package;         // the package folder to make the model from; empty where it needs none
  std::filesystem::path worker_program;  // berth-worker
  // Inputs for models that take files, each checked. Without any: those of the package (its samples/, the samples/
  // beside it, the files of its self_test), or else a small PNG.
  std::vector<std::filesystem::path> files;
  std::chrono::seconds call_timeout{60};
  std::chrono::seconds train_time{3};  // how long a training may run before it is told to stop …
  std::chrono::seconds stop_time{10};  // … and how long it may then take
  std::stop_token stop = {};           // its workers are ended then, and what is not checked yet is left out
};

struct Check {
  std::string name;  // "library", "samples", or "<model>.<check>": load, metadata, methods, arguments, answer,
                     // url_answer, tensors, repeatable, url_repeatable, batch, bad_input, train, train_stop, alive
  bool passed = false;
  std::string message;  // what is wrong and how to mend it; why it was skipped
  bool skipped = false;
};

struct Report {
  std::vector<Check> checks;
  bool passed() const;  // none failed, and at least one model could be loaded
};

// Starts workers and waits for them: seconds, not milliseconds. [any]
Report check_plugin(const std::filesystem::path& library, const Options& options);

}  // namespace berth::conformance
