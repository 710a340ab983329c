/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps a file open. */
#include <berth/abi.h>
#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void keep(void) {
  if (open("/dev/null", O_RDONLY) < 0) _exit(1);
}

__attribute__((visibility("default")))
const berth_plugin berth_plugin_entry = {sizeof(berth_plugin), BERTH_ABI_VERSION, "opens_file", "1", "", "", NULL, 0};
