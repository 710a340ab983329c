/* SPDX-License-Identifier: Apache-2.0 */
/* The C ABI between a plugin and the program that hosts it. Plugin authors include berth/berth.h, not this.
 *
 * A plugin is a shared library that exports one data symbol, `berth_plugin_entry`, of type berth_plugin. Its first two
 * members are plain integers, so that a host reads them from the file, before any code of the library runs.
 *
 * Rules that hold for everything below
 * - Growth: a struct begins with its size as the writer knew it. A reader uses only members that lie within it. Members
 *   are only ever appended within one BERTH_ABI_VERSION; arrays of structs are arrays of pointers.
 * - Ownership: whoever provides a pointer keeps it. What is passed to a function is valid until that function returns,
 *   unless it says more; the receiver copies what it wants to keep. Nothing is freed by the other side.
 * - No exception and no C++ type crosses. A function that is called must return.
 * - Text is UTF-8 with a length and no terminating NUL needed. An empty text may have a null pointer.
 * - Threads: [worker] = called by the host, never twice at once for one model instance, and every call for one instance
 *   from the thread that created it; [any] = the plugin may call it from any thread of its own.
 */
#ifndef BERTH_ABI_H
#define BERTH_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BERTH_ABI_VERSION 1u
#define BERTH_ENTRY_SYMBOL "berth_plugin_entry"

/* Never changes; passed by value. */
typedef struct berth_text {
  const char* data;
  size_t size; /* bytes */
} berth_text;

/* Datatypes of the Open Inference Protocol v2, by the names that follow BERTH_. Little-endian, row-major, no padding;
 * data need not be aligned. */
typedef enum berth_datatype {
  BERTH_BOOL = 1, /* one byte, 0 or 1 */
  BERTH_UINT8,
  BERTH_UINT16,
  BERTH_UINT32,
  BERTH_UINT64,
  BERTH_INT8,
  BERTH_INT16,
  BERTH_INT32,
  BERTH_INT64,
  BERTH_FP16,
  BERTH_FP32,
  BERTH_FP64,
  BERTH_BYTES /* each element: uint32 length, then its bytes */
} berth_datatype;

#define BERTH_MAX_RANK 32u

typedef struct berth_tensor {
  uint32_t size;
  uint32_t datatype; /* a berth_datatype */
  berth_text name;
  const int64_t* shape; /* rank numbers, none negative; at most BERTH_MAX_RANK */
  size_t rank;
  const void* data;
  size_t data_bytes;
} berth_tensor;

/* An uploaded file. */
typedef struct berth_file {
  uint32_t size;
  berth_text field;        /* the argument it was sent as, "data" where the model declares none */
  berth_text file_name;    /* the client's; a label, not a path */
  berth_text content_type; /* the client's claim */
  const void* data;
  size_t data_bytes;
} berth_file;

/* The input of one call. Already checked against what the model declared. */
typedef struct berth_args {
  uint32_t size;
  berth_text json; /* an object: declared argument -> value; absent ones without default are missing */
  const berth_file* const* files;
  size_t file_count;
  const berth_text* urls; /* predict_url only */
  size_t url_count;
  const berth_tensor* const* tensors;
  size_t tensor_count;
  berth_text request_id;
} berth_args;

/* Takes the outcome of one call: exactly one of json, text, file, error, or any number of tensor (names differ). The
 * first outcome counts. The host copies before the function returns. [worker] */
typedef struct berth_result {
  uint32_t size;
  void* context;                                                   /* the provider's */
  void (*json)(const struct berth_result* self, berth_text value); /* one JSON text */
  void (*text)(const struct berth_result* self, berth_text value);
  void (*file)(const struct berth_result* self, berth_text content_type, berth_text file_name, const void* data,
               size_t data_bytes);
  void (*tensor)(const struct berth_result* self, const berth_tensor* value);
  /* status 400..599: for the client, with the message. 0: the model failed; the message goes to the log only. */
  void (*error)(const struct berth_result* self, int32_t status, berth_text message);
} berth_result;

typedef enum berth_log_level { BERTH_DEBUG = 1, BERTH_INFO, BERTH_WARNING, BERTH_ERROR } berth_log_level;
typedef enum berth_metric_kind { BERTH_COUNTER = 1, BERTH_GAUGE } berth_metric_kind;

/* What the host offers. Valid from create until destroy returned. */
typedef struct berth_host {
  uint32_t size;
  uint32_t abi_version; /* the host's */
  void* context;
  berth_text scratch_folder; /* absolute; writable, this worker's alone, removed with it */
  void (*log)(const struct berth_host* self, uint32_t level, berth_text message); /* [any] */
  /* Fetches a URL under the server's rules, into `result`: file, or error with a status. Blocks. [any] */
  void (*fetch)(const struct berth_host* self, berth_text url, const berth_result* result);
  /* How far a training is, 0..1, and a JSON object with whatever is worth telling ("{}" or empty if nothing). [any] */
  void (*progress)(const struct berth_host* self, double fraction, berth_text details_json);
  /* 1 once the running training was cancelled or the server stops; train then returns soon. [any] */
  int32_t (*stop_requested)(const struct berth_host* self);
  /* Adds to a counter or sets a gauge. Names: [a-zA-Z_][a-zA-Z0-9_]*; others are logged and dropped. [any] */
  void (*metric)(const struct berth_host* self, uint32_t kind, berth_text name, double value);
  /* Absolute; where train writes the files of its model's next version, model.yaml among them; the host takes them when
   * train returned without an error. Empty: this instance does not train, or nobody would take them. */
  berth_text package_folder;
  /* Absolute; the operator's data, which train may read. Empty: this instance does not train, or there is none. */
  berth_text data_folder;
} berth_host;

/* The folder that a model is made from; null where it needs none. Valid from create until destroy returned. */
typedef struct berth_package {
  uint32_t size;
  berth_text name;
  berth_text version;
  berth_text path;        /* absolute */
  berth_text config_json; /* model.yaml as a JSON object */
} berth_package;

/* One kind of model. A method that is null is not implemented: 501 wherever it is asked for. */
typedef struct berth_model_type {
  uint32_t size;
  uint32_t needs_package; /* 0 or 1 */
  const char* name;       /* [a-z0-9][a-z0-9_-]*, at most 64 characters */
  /* Makes an instance and returns it; null after result->error. */
  void* (*create)(const berth_host* host, const berth_package* package, const berth_result* result);
  void (*destroy)(void* model);                                   /* the last call for this instance */
  void (*get_metadata)(void* model, const berth_result* result);  /* never null; a JSON object with "name" */
  void (*get_test_args)(void* model, const berth_result* result); /* a JSON array of argument specs: docs/args.md */
  void (*get_train_args)(void* model, const berth_result* result);
  void (*get_response_schema)(void* model, const berth_result* result); /* a JSON Schema (draft 4) object */
  void (*warm)(void* model, const berth_result* result); /* any outcome but error is fine, none included */
  void (*predict_data)(void* model, const berth_args* args, const berth_result* result);
  void (*predict_url)(void* model, const berth_args* args, const berth_result* result);
  /* Many predict_data calls at once; results[i] belongs to args[i]. */
  void (*predict_batch)(void* model, const berth_args* const* args, size_t count, const berth_result* const* results);
  void (*train)(void* model, const berth_args* args, const berth_result* result);
  /* A JSON array of tensor specs: docs/open_inference.md. predict_data then gets tensors, checked against it, in calls
   * that come by tensors, and answers them with tensors. */
  void (*get_inputs)(void* model, const berth_result* result);
  void (*get_outputs)(void* model, const berth_result* result);
} berth_model_type;

typedef struct berth_plugin {
  uint32_t size;
  uint32_t abi_version; /* BERTH_ABI_VERSION it was built with; another one is refused before its code runs */
  const char* name;     /* the library's: as berth_model_type.name */
  const char* version;
  const char* sdk_version;
  const char* build_info; /* compiler, its version, C++ standard: for people */
  const berth_model_type* const* models;
  size_t model_count;
} berth_plugin;

#ifdef __cplusplus
}
#endif

#endif
