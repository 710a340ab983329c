// SPDX-License-Identifier: Apache-2.0
// The protocol between the server (hosting/) and a worker: which messages there are and how they are written.
//
// Two sockets, each packet one message. The control socket carries calls and their answers and nothing else; the side
// socket carries what may take its time: loading, log lines, fetches, progress, metrics. Bytes above a few KB lie in
// shared memory, and a message says where.
//
// All functions are [any]; the Writer, Reader and Region that they are given are one thread's at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "worker/datatype.h"
#include "worker/memory.h"
#include "worker/wire.h"

namespace berth::worker {

enum class Message : std::uint8_t {
  // server → worker, side socket
  load = 1,
  fetched,
  // server → worker, control socket
  call,
  end,  // destroy the model and leave
  // worker → server, side socket
  ready,
  failed,  // create or warm refused: {text}
  log,     // {u32 berth_log_level, text request ids joined by commas, text}
  fetch,   // {u64 id, text url}
  progress,
  metric,
  // worker → server, control socket
  done,
};

// All views below point into the message or into shared memory, valid until the next message.

struct Load {
  std::string_view name, version, type, plugin, package, config_json, scratch;
  std::string_view new_package = {}, data = {};  // folders of one that trains
  std::uint32_t spin_us = 0;                     // how long the worker looks for the next call before it sleeps
};
void write(Writer& writer, const Load& load);
bool read(Reader& reader, Load& load);

struct Ready {
  std::string_view metadata_json, test_args_json, train_args_json, response_schema_json, inputs_json, outputs_json;
  std::uint8_t has_predict_data = 0, has_predict_url = 0, has_train = 0, has_predict_batch = 0;
  std::string_view walls = {};  // what keeps it, for people
};
void write(Writer& writer, const Ready& ready);
bool read(Reader& reader, Ready& ready);

struct Progress {
  double fraction = 0;
  std::string_view details_json;
};
void write(Writer& writer, const Progress& progress);
bool read(Reader& reader, Progress& progress);

// [a-zA-Z_][a-zA-Z0-9_]*, of at most 128 characters.
bool is_metric_name(std::string_view name);

struct Metric {
  std::uint32_t kind = 0;  // a berth_metric_kind
  std::string_view name;
  double value = 0;
};
void write(Writer& writer, const Metric& metric);
bool read(Reader& reader, Metric& metric);

enum class Method : std::uint8_t { predict_data, predict_url, train };

struct FileView {
  std::string_view field, file_name, content_type, bytes;
};
struct TensorView {
  std::string_view name;
  std::uint32_t datatype = 0;  // a berth_datatype
  std::vector<std::int64_t> shape;
  std::string_view bytes;
};
struct CallView {
  std::string_view request_id, args_json;
  std::vector<FileView> files;
  std::vector<std::string_view> urls;
  std::vector<TensorView> tensors;
};
// What `call` takes of a request region at most, written by write_call.
std::size_t shared_bytes(const CallView& call);
// False: it does not fit into the region.
bool write_call(Writer& writer, Region& region, const CallView& call);
bool read_call(Reader& reader, const Region& region, CallView& call);

struct CallHeader {
  std::uint64_t sequence = 0;
  Method method = Method::predict_data;
  std::uint64_t count = 0;
};
void write(Writer& writer, const CallHeader& header);
bool read(Reader& reader, CallHeader& header);

struct DoneHeader {
  std::uint64_t sequence = 0;
  std::uint64_t compute_ns = 0;
  std::uint64_t count = 0;
};
void write(Writer& writer, const DoneHeader& header);
bool read(Reader& reader, DoneHeader& header);

enum class ResultKind : std::uint8_t { none, json, text, file, tensors, error, overflow };

inline constexpr std::size_t kMaxResultTensors = 256;

struct ResultView {
  ResultKind kind = ResultKind::none;  // none: the plugin returned without an outcome; overflow: it did not fit
  std::string_view body;               // json, text, file; the message of an error
  std::string_view content_type, file_name;
  std::int32_t status = 0;  // error
  std::vector<TensorView> tensors;
};
// `result`'s bodies and tensor bytes must lie inside the region (Region::put); only their places are written.
void write_result(Writer& writer, const Region& region, const ResultView& result);
// The bodies' views point into the region, which the other side can still write to: copy, then check what was copied.
bool read_result(Reader& reader, const Region& region, ResultView& result);

// The answer to a fetch; the body of a file lies in the fetch region.
struct Fetched {
  std::uint64_t id = 0;
  std::int32_t status = 0;  // 0: a file
  std::string_view message;
  FileView file;
};
bool write_fetched(Writer& writer, Region& region, const Fetched& fetched);
bool read_fetched(Reader& reader, const Region& region, Fetched& fetched);

}  // namespace berth::worker
