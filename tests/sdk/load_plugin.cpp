// SPDX-License-Identifier: Apache-2.0
// load_plugin LIBRARY NAME: opens a plugin as a host does and asks its first model; exits 0 if that is NAME.
#include <dlfcn.h>

#include <iostream>

#include "recording_host.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  void* library = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::cerr << ::dlerror() << '\n';
    return 1;
  }
  const auto* entry = static_cast<const berth_plugin*>(::dlsym(library, BERTH_ENTRY_SYMBOL));
  if (entry == nullptr || entry->abi_version != BERTH_ABI_VERSION || entry->model_count == 0) return 1;
  berth::test::Loaded model(*entry->models[0]);
  berth::test::Outcome metadata;
  model.ask(entry->models[0]->get_metadata, metadata);
  std::cout << metadata.body << '\n';
  return metadata.kind == "json" && metadata.json()["name"] == argv[2] ? 0 : 1;
}
