/* SPDX-License-Identifier: Apache-2.0 */
/* Answers each call of a batch with as many bytes as the number in its arguments says: {"n": 1000};
   dies of 666, and answers 14 with JSON that holds no number. */
#include <berth/abi.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void* create(const berth_host* host, const berth_package* package, const berth_result* result) {
  (void)host, (void)package, (void)result;
  return malloc(1);
}

static void metadata(void* model, const berth_result* result) {
  static const char text[] = "{\"name\":\"large\"}";
  (void)model;
  result->json(result, (berth_text){text, sizeof(text) - 1});
}

static void predict_batch(void* model, const berth_args* const* args, size_t count,
                          const berth_result* const* results) {
  (void)model;
  usleep(20000); /* so that a batch can gather behind it */
  for (size_t i = 0; i < count; ++i) {
    const size_t size = strtoul(memchr(args[i]->json.data, ':', args[i]->json.size) + 1, NULL, 10);
    if (size == 666) abort();
    if (size == 14) {
      results[i]->json(results[i], (berth_text){"[NaN,-Infinity]", 15});
      continue;
    }
    const int letter = size == 13 ? 0xc3 : 'x'; /* 13: no UTF-8 */
    char* text = malloc(size);
    memset(text, letter, size);
    results[i]->text(results[i], (berth_text){text, size});
    free(text);
  }
}

static const berth_model_type type = {.size = sizeof(berth_model_type),
                                      .name = "large",
                                      .create = create,
                                      .destroy = free,
                                      .get_metadata = metadata,
                                      .predict_batch = predict_batch};
static const berth_model_type* const types[] = {&type};

__attribute__((visibility("default")))
const berth_plugin berth_plugin_entry = {sizeof(berth_plugin), BERTH_ABI_VERSION, "large", "1", "", "", types, 1};
