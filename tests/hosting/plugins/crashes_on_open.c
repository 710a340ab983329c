/* SPDX-License-Identifier: Apache-2.0 */
/* Dies in a constructor, after some last words. */
#include <berth/abi.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void crash(void) {
  fprintf(stderr, "the licence server is down\n");
  abort();
}

__attribute__((visibility("default"))) const berth_plugin berth_plugin_entry = {
    sizeof(berth_plugin), BERTH_ABI_VERSION, "crashes_on_open", "1", "", "", NULL, 0};
