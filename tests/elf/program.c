/* SPDX-License-Identifier: Apache-2.0 */
/* A program that lies at one place in memory, as programs of old did. */
int main(void) { return 0; }
