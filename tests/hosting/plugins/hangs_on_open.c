/* SPDX-License-Identifier: Apache-2.0 */
/* Never comes back from being opened. */
#include <berth/abi.h>
#include <unistd.h>

__attribute__((constructor)) static void hang(void) {
  for (;;) pause();
}

__attribute__((visibility("default"))) const berth_plugin berth_plugin_entry = {
    sizeof(berth_plugin), BERTH_ABI_VERSION, "hangs_on_open", "1", "", "", NULL, 0};
