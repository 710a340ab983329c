/* SPDX-License-Identifier: Apache-2.0 */
/* abi.h as a C11 compiler sees it; compiled with -pedantic-errors. The test compares it with what C++ sees. */
#include "abi_layout.h"

#include "berth/abi.h"

#define OFFSETS(struct_name, member) \
  { #struct_name "." #member, sizeof(struct_name), offsetof(struct_name, member) }

const struct Layout layouts_in_c[] = {
#include "abi_layout.inc"
};
const size_t layout_count_in_c = sizeof layouts_in_c / sizeof layouts_in_c[0];
