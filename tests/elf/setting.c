/* SPDX-License-Identifier: Apache-2.0 */
/* A library with everything that a loader reads of one; which of it, the build file says. */
#include <stdlib.h>

char* elf_setting(const char* name);
char* elf_setting(const char* name) { return getenv(name); }
