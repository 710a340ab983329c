// SPDX-License-Identifier: Apache-2.0
#include "hosting/worker_probe.h"

#include <chrono>
#include <sstream>
#include <string_view>

#include "hosting/child_output.h"
#include "hosting/confinement.h"
#include "worker/confine.h"

namespace berth::hosting {

Result<WorkerProbe> probe_worker(const std::filesystem::path& worker_program, const ServingOptions& serving) {
  const auto text = worker::to_text(confinement_of(worker_program, serving));
  const auto heard =
      run_child({.program = worker_program, .args = {"--probe", text}}, {.timeout = std::chrono::seconds(10)});
  if (!heard) return failure(heard.error());
  if (!heard->exit || heard->exit->signal != 0 || heard->exit->code != 0) {
    const auto end = heard->exit ? to_string(*heard->exit) : std::string("did not answer");
    return failure(Code::unavailable, heard->err.empty() ? "a worker that was tried " + end : heard->err);
  }
  WorkerProbe probe;
  std::istringstream lines(heard->out);
  std::getline(lines, probe.walls);
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    if (space == std::string::npos) {
      probe.works = line == "works";
    } else {
      (line.starts_with("ok ") ? probe.kept : probe.open).push_back(line.substr(space + 1));
    }
  }
  return probe;
}

KernelWalls kernel_walls() {
  const auto kernel = worker::look_at_kernel();
  return {kernel.landlock, kernel.filters_syscalls};
}

}  // namespace berth::hosting
