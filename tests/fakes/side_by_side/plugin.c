/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with what its library says: two builds of that have one name, and lie beside the plugin that is linked to
 * each. */
#include <berth/abi.h>
#include <stdio.h>
#include <stdlib.h>

extern int stand_in_build(void);

static void* create(const berth_host* host, const berth_package* package, const berth_result* result) {
  (void)host, (void)package, (void)result;
  return malloc(1);
}

static void metadata(void* model, const berth_result* result) {
  static const char text[] = "{\"name\":\"" PLUGIN "\"}";
  (void)model;
  result->json(result, (berth_text){text, sizeof(text) - 1});
}

static void predict_data(void* model, const berth_args* args, const berth_result* result) {
  char text[32];
  (void)model, (void)args;
  const int size = snprintf(text, sizeof(text), "{\"build\":%d}", stand_in_build());
  result->json(result, (berth_text){text, (size_t)size});
}

static const berth_model_type type = {.size = sizeof(berth_model_type),
                                      .name = PLUGIN,
                                      .create = create,
                                      .destroy = free,
                                      .get_metadata = metadata,
                                      .predict_data = predict_data};
static const berth_model_type* const types[] = {&type};

extern __attribute__((visibility("default"))) const berth_plugin berth_plugin_entry;
const berth_plugin berth_plugin_entry = {sizeof(berth_plugin), BERTH_ABI_VERSION, PLUGIN, "1", "", "", types, 1};
