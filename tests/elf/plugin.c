/* SPDX-License-Identifier: Apache-2.0 */
/* The least that passes for a plugin, and what is wrong with it, as the build file says: ENTRY is how its entry comes,
   USED a symbol that it calls, WEAKLY_USED one that it could do without. */
#include <berth/abi.h>

#define EXPORTED __attribute__((visibility("default")))

#if defined(ENTRY_IS_FUNCTION)
EXPORTED void berth_plugin_entry(void);
void berth_plugin_entry(void) {}
#elif defined(ENTRY_IS_NOT_CONSTANT)
EXPORTED extern berth_plugin berth_plugin_entry;
berth_plugin berth_plugin_entry;
#elif !defined(NO_ENTRY)
EXPORTED extern const berth_plugin berth_plugin_entry;
const berth_plugin berth_plugin_entry = {sizeof(berth_plugin), BERTH_ABI_VERSION, "elf", "1", "", "", 0, 0};
#endif

#ifdef USED
extern void used(void) __asm__(USED);
#ifdef USED_TOO
extern void used_too(void) __asm__(USED_TOO);
#endif
#ifdef WEAKLY_USED
extern void weakly_used(void) __asm__(WEAKLY_USED) __attribute__((weak));
#endif
EXPORTED void use_it(void);
void use_it(void) {
  used();
#ifdef USED_TOO
  used_too();
#endif
#ifdef WEAKLY_USED
  if (weakly_used) weakly_used();
#endif
}
#endif
