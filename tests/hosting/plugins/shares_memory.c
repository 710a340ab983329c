/* SPDX-License-Identifier: Apache-2.0 */
/* Has memory that its children share. */
#include <berth/abi.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((constructor)) static void share(void) {
  if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) _exit(1);
}

__attribute__((visibility("default"))) const berth_plugin berth_plugin_entry = {
    sizeof(berth_plugin), BERTH_ABI_VERSION, "shares_memory", "1", "", "", NULL, 0};
