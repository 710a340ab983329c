/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin in plain C11: what the C++ headers do for their users, done by hand. */
#include <stdlib.h>
#include <string.h>

#include "berth/abi.h"

typedef struct counter {
  const berth_host* host;
  unsigned long calls;
} counter;

static berth_text text(const char* literal) {
  berth_text made = {literal, strlen(literal)};
  return made;
}

static void* create(const berth_host* host, const berth_package* package, const berth_result* result) {
  counter* made = malloc(sizeof *made);
  (void)package;
  if (made == NULL) {
    result->error(result, 0, text("no memory"));
    return NULL;
  }
  made->host = host;
  made->calls = 0;
  return made;
}

static void destroy(void* model) { free(model); }

static void get_metadata(void* model, const berth_result* result) {
  (void)model;
  result->json(result, text("{\"name\":\"c_plugin\",\"version\":\"1.0\",\"description\":\"Written in C\","
                            "\"berth\":{\"takes_files\":false}}"));
}

static void get_test_args(void* model, const berth_result* result) {
  (void)model;
  result->json(result, text("[{\"name\":\"word\",\"type\":\"str\",\"default\":\"hello\"}]"));
}

static void predict_data(void* model, const berth_args* args, const berth_result* result) {
  counter* self = model;
  self->calls += 1;
  self->host->metric(self->host, BERTH_COUNTER, text("c_plugin_calls"), 1);
  result->json(result, args->json);
}

/* Older: as if built when the struct ended before get_inputs; what lies behind its end is no part of it. */
#ifdef BERTH_OLDER
#define BERTH_TYPE_SIZE offsetof(berth_model_type, get_inputs)
#define BERTH_BEHIND_IT (void (*)(void*, const berth_result*))(uintptr_t) 16
#else
#define BERTH_TYPE_SIZE sizeof(berth_model_type)
#define BERTH_BEHIND_IT NULL
#endif

static const berth_model_type type = {
    .size = BERTH_TYPE_SIZE,
    .needs_package = 0,
    .name = "c_plugin",
    .create = create,
    .destroy = destroy,
    .get_metadata = get_metadata,
    .get_test_args = get_test_args,
    .predict_data = predict_data,
    .get_inputs = BERTH_BEHIND_IT,
    .get_outputs = BERTH_BEHIND_IT,
};
static const berth_model_type* const types[] = {&type};

extern __attribute__((visibility("default"))) const berth_plugin berth_plugin_entry;
const berth_plugin berth_plugin_entry = {
    .size = sizeof(berth_plugin),
    .abi_version = BERTH_ABI_VERSION,
    .name = "c_plugin",
    .version = "1.0",
    .sdk_version = "by hand",
    .build_info = "C11",
    .models = types,
    .model_count = 1,
};
