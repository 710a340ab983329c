/* SPDX-License-Identifier: Apache-2.0 */
/* Where a member of an ABI struct lies, as one language sees it. */
#ifndef TESTS_SDK_ABI_LAYOUT_H
#define TESTS_SDK_ABI_LAYOUT_H

#include <stddef.h>

struct Layout {
  const char* member;
  size_t struct_size;
  size_t offset;
};

#ifdef __cplusplus
extern "C" {
#endif
extern const struct Layout layouts_in_c[];
extern const size_t layout_count_in_c;
#ifdef __cplusplus
}
#endif

#endif
