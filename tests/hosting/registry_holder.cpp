// SPDX-License-Identifier: Apache-2.0
// registry_holder WORKER PLUGINS SCRATCH: loads what is there, prints each worker's process id, and waits to be killed.
#include <unistd.h>

#include <cstdio>

#include "hosting/registry.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  berth::hosting::RegistryOptions options;
  options.worker_program = argv[1];
  options.plugins_dirs = {argv[2]};
  options.scratch_dir = argv[3];
  auto registry = berth::hosting::Registry::create(options);
  if (!registry) return 1;
  (*registry)->load_all();
  for (const auto& listed : (*registry)->list()) {
    for (const auto& worker : listed.status.workers) std::printf("%d\n", worker.pid);
  }
  std::printf("0\n");
  std::fflush(stdout);
  for (;;) ::pause();
}
