/* SPDX-License-Identifier: Apache-2.0 */
/* Claims an ABI version that does not exist, and leaves a mark if any of its code ever runs. */
#include <stdio.h>

#include "berth/abi.h"

__attribute__((constructor)) static void leave_mark(void) {
  FILE* mark = fopen(BERTH_MARK_FILE, "w");
  if (mark != NULL) fclose(mark);
}

extern __attribute__((visibility("default"))) const berth_plugin berth_plugin_entry;
const berth_plugin berth_plugin_entry = {sizeof(berth_plugin), 999u, "wrong_abi", "1.0", "99.0", "by hand", NULL, 0};
