/* SPDX-License-Identifier: Apache-2.0 */
/* Stands for a library that a plugin is linked to, and that another system has. */
__attribute__((visibility("default"))) void provided(void);
void provided(void) {}
__attribute__((visibility("default"))) void provided_too(void);
void provided_too(void) {}
#ifdef CALLS_ABSENT
extern void absent(void);
__attribute__((visibility("default"))) void middle(void);
void middle(void) { absent(); }
#endif
#ifdef IS_ABSENT
__attribute__((visibility("default"))) void absent(void);
void absent(void) {}
#endif
/* Which of several it is, is known when it is loaded. */
__attribute__((visibility("default"))) extern void chosen(void);
static void choice(void) {}
__attribute__((used)) static void (*choose(void))(void) { return choice; }
void chosen(void) __attribute__((ifunc("choose")));
