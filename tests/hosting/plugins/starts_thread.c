/* SPDX-License-Identifier: Apache-2.0 */
/* Has a second thread as soon as it is open. */
#include <berth/abi.h>
#include <pthread.h>
#include <unistd.h>

static void* wait_for_ever(void* unused) {
  for (;;) pause();
  return unused;
}

__attribute__((constructor)) static void start(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, wait_for_ever, NULL);
}

__attribute__((visibility("default"))) const berth_plugin berth_plugin_entry = {
    sizeof(berth_plugin), BERTH_ABI_VERSION, "starts_thread", "1", "", "", NULL, 0};
