/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for a library that exists in several builds, as LibTorch does. */
__attribute__((visibility("default"))) int stand_in_build(void);
int stand_in_build(void) { return BUILD; }
