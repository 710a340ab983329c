// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol.h"

#include <array>

#include "berth/abi.h"

namespace berth::worker {
namespace {

// Below this, bytes travel in the packet itself.
constexpr std::size_t kInlineBytes = 2048;
// A dimension more than this is no tensor that anyone means.
constexpr std::size_t kMaxRank = 32;

struct Datatype {
  std::uint32_t number;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Datatype, 13> kDatatypes{{{BERTH_BOOL, "BOOL", 1},
                                               {BERTH_UINT8, "UINT8", 1},
                                               {BERTH_UINT16, "UINT16", 2},
                                               {BERTH_UINT32, "UINT32", 4},
                                               {BERTH_UINT64, "UINT64", 8},
                                               {BERTH_INT8, "INT8", 1},
                                               {BERTH_INT16, "INT16", 2},
                                               {BERTH_INT32, "INT32", 4},
                                               {BERTH_INT64, "INT64", 8},
                                               {BERTH_FP16, "FP16", 2},
                                               {BERTH_FP32, "FP32", 4},
                                               {BERTH_FP64, "FP64", 8},
                                               {BERTH_BYTES, "BYTES", 0}}};

bool put_shared(Writer& writer, Region& region, std::string_view bytes) {
  const auto offset = region.put(bytes);
  if (!offset) return false;
  writer.number<std::uint8_t>(1);
  writer.number<std::uint64_t>(*offset);
  writer.number<std::uint64_t>(bytes.size());
  return true;
}

bool put_payload(Writer& writer, Region& region, std::string_view bytes) {
  if (bytes.size() > kInlineBytes) return put_shared(writer, region, bytes);
  writer.number<std::uint8_t>(0);
  writer.text(bytes);
  return true;
}

// The rest of a place, its kind already read.
std::string_view get_region_bytes(Reader& reader, const Region& region) {
  const auto offset = reader.number<std::uint64_t>();
  const auto size = reader.number<std::uint64_t>();
  const auto bytes = region.at(offset, size);
  if (!bytes) reader.fail();
  return reader.ok() ? *bytes : std::string_view();
}

std::string_view get_payload(Reader& reader, const Region& region) {
  return reader.number<std::uint8_t>() == 0 ? reader.text() : get_region_bytes(reader, region);
}

// As put_place and put_shared wrote it: in the region, never in the packet, so that it outlives the packet.
std::string_view get_place(Reader& reader, const Region& region) {
  if (reader.number<std::uint8_t>() != 1) reader.fail();
  return get_region_bytes(reader, region);
}

void put_place(Writer& writer, const Region& region, std::string_view bytes) {
  writer.number<std::uint8_t>(1);
  const auto start = region.at(0, 0);
  writer.number<std::uint64_t>(bytes.empty() ? 0 : static_cast<std::uint64_t>(bytes.data() - start->data()));
  writer.number<std::uint64_t>(bytes.size());
}

void put_tensor_head(Writer& writer, const TensorView& tensor) {
  writer.text(tensor.name);
  writer.number(tensor.datatype);
  writer.number<std::uint64_t>(tensor.shape.size());
  for (const std::int64_t extent : tensor.shape) writer.number(extent);
}

void get_tensor(Reader& reader, const Region& region, TensorView& tensor) {
  tensor.name = reader.text();
  tensor.datatype = reader.number<std::uint32_t>();
  const std::size_t rank = reader.count(sizeof(std::int64_t));
  if (rank > kMaxRank) reader.fail();
  for (std::size_t i = 0; i < rank && reader.ok(); ++i) tensor.shape.push_back(reader.number<std::int64_t>());
  tensor.bytes = get_place(reader, region);
}

}  // namespace

void write(Writer& writer, const Load& load) {
  for (const auto text :
       {load.name, load.version, load.type, load.plugin, load.package, load.config_json, load.scratch})
    writer.text(text);
  writer.number(load.spin_us);
}

bool read(Reader& reader, Load& load) {
  for (auto* text :
       {&load.name, &load.version, &load.type, &load.plugin, &load.package, &load.config_json, &load.scratch})
    *text = reader.text();
  load.spin_us = reader.number<std::uint32_t>();
  return reader.finished();
}

void write(Writer& writer, const Ready& ready) {
  for (const auto text : {ready.metadata_json, ready.test_args_json, ready.train_args_json, ready.response_schema_json})
    writer.text(text);
  for (const auto flag : {ready.has_predict_data, ready.has_predict_url, ready.has_train, ready.has_predict_batch})
    writer.number(flag);
}

bool read(Reader& reader, Ready& ready) {
  for (auto* text : {&ready.metadata_json, &ready.test_args_json, &ready.train_args_json, &ready.response_schema_json})
    *text = reader.text();
  for (auto* flag : {&ready.has_predict_data, &ready.has_predict_url, &ready.has_train, &ready.has_predict_batch})
    *flag = reader.number<std::uint8_t>();
  return reader.finished();
}

void write(Writer& writer, const Progress& progress) {
  writer.number(progress.fraction);
  writer.text(progress.details_json);
}

bool read(Reader& reader, Progress& progress) {
  progress.fraction = reader.number<double>();
  progress.details_json = reader.text();
  return reader.finished();
}

void write(Writer& writer, const Metric& metric) {
  writer.number(metric.kind);
  writer.text(metric.name);
  writer.number(metric.value);
}

bool read(Reader& reader, Metric& metric) {
  metric.kind = reader.number<std::uint32_t>();
  metric.name = reader.text();
  metric.value = reader.number<double>();
  return reader.finished();
}

std::size_t shared_bytes(const CallView& call) {
  // Small texts spill too when a message outgrows a packet, so everything counts, with room for alignment and lengths.
  constexpr std::size_t kEach = Region::kAlignment + 64;
  std::size_t bytes = 2 * kEach + call.request_id.size() + call.args_json.size();
  for (const auto& file : call.files)
    bytes += kEach + file.field.size() + file.file_name.size() + file.content_type.size() + file.bytes.size();
  for (const auto url : call.urls) bytes += kEach + url.size();
  for (const auto& tensor : call.tensors) {
    bytes += kEach + tensor.name.size() + tensor.shape.size() * sizeof(std::int64_t) + tensor.bytes.size();
  }
  return bytes;
}

bool write_call(Writer& writer, Region& region, const CallView& call) {
  writer.text(call.request_id);
  if (!put_payload(writer, region, call.args_json)) return false;
  writer.number<std::uint64_t>(call.files.size());
  for (const auto& file : call.files) {
    writer.text(file.field);
    writer.text(file.file_name);
    writer.text(file.content_type);
    if (!put_payload(writer, region, file.bytes)) return false;
  }
  writer.number<std::uint64_t>(call.urls.size());
  for (const auto url : call.urls) {
    if (!put_payload(writer, region, url)) return false;
  }
  writer.number<std::uint64_t>(call.tensors.size());
  for (const auto& tensor : call.tensors) {
    put_tensor_head(writer, tensor);
    if (!put_shared(writer, region, tensor.bytes)) return false;  // aligned, whatever its size
  }
  return true;
}

bool read_call(Reader& reader, const Region& region, CallView& call) {
  call.request_id = reader.text();
  call.args_json = get_payload(reader, region);
  call.files.resize(reader.count(4 * sizeof(std::uint64_t)));
  for (auto& file : call.files) {
    file.field = reader.text();
    file.file_name = reader.text();
    file.content_type = reader.text();
    file.bytes = get_payload(reader, region);
  }
  call.urls.resize(reader.count(sizeof(std::uint64_t)));
  for (auto& url : call.urls) url = get_payload(reader, region);
  call.tensors.resize(reader.count(3 * sizeof(std::uint64_t)));
  for (auto& tensor : call.tensors) get_tensor(reader, region, tensor);
  return reader.ok();
}

void write(Writer& writer, const CallHeader& header) {
  writer.number(header.sequence);
  writer.number(static_cast<std::uint8_t>(header.method));
  writer.number(header.count);
}

bool read(Reader& reader, CallHeader& header) {
  header.sequence = reader.number<std::uint64_t>();
  const auto method = reader.number<std::uint8_t>();
  if (method > static_cast<std::uint8_t>(Method::train)) reader.fail();
  header.method = static_cast<Method>(method);
  header.count = reader.count(sizeof(std::uint64_t));
  return reader.ok();
}

void write(Writer& writer, const DoneHeader& header) {
  writer.number(header.sequence);
  writer.number(header.compute_ns);
  writer.number(header.count);
}

bool read(Reader& reader, DoneHeader& header) {
  header.sequence = reader.number<std::uint64_t>();
  header.compute_ns = reader.number<std::uint64_t>();
  header.count = reader.count(1);
  return reader.ok();
}

void write_result(Writer& writer, const Region& region, const ResultView& result) {
  writer.number(static_cast<std::uint8_t>(result.kind));
  writer.number(result.status);
  put_place(writer, region, result.body);
  writer.text(result.content_type);
  writer.text(result.file_name);
  writer.number<std::uint64_t>(result.tensors.size());
  for (const auto& tensor : result.tensors) {
    put_tensor_head(writer, tensor);
    put_place(writer, region, tensor.bytes);
  }
}

bool read_result(Reader& reader, const Region& region, ResultView& result) {
  const auto kind = reader.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(ResultKind::overflow)) reader.fail();
  result.kind = static_cast<ResultKind>(kind);
  result.status = reader.number<std::int32_t>();
  result.body = get_place(reader, region);
  result.content_type = reader.text();
  result.file_name = reader.text();
  const auto tensors = reader.count(3 * sizeof(std::uint64_t));
  if (tensors > kMaxResultTensors) reader.fail();
  result.tensors.resize(reader.ok() ? tensors : 0);
  for (auto& tensor : result.tensors) get_tensor(reader, region, tensor);
  return reader.ok();
}

bool write_fetched(Writer& writer, Region& region, const Fetched& fetched) {
  writer.number(fetched.id);
  writer.number(fetched.status);
  writer.text(fetched.message);
  writer.text(fetched.file.file_name);
  writer.text(fetched.file.content_type);
  return put_payload(writer, region, fetched.file.bytes);
}

bool read_fetched(Reader& reader, const Region& region, Fetched& fetched) {
  fetched.id = reader.number<std::uint64_t>();
  fetched.status = reader.number<std::int32_t>();
  fetched.message = reader.text();
  fetched.file.file_name = reader.text();
  fetched.file.content_type = reader.text();
  fetched.file.bytes = get_payload(reader, region);
  return reader.finished();
}

std::uint32_t datatype_number(std::string_view name) {
  for (const auto& datatype : kDatatypes) {
    if (datatype.name == name) return datatype.number;
  }
  return 0;
}

std::string_view datatype_name(std::uint32_t number) {
  for (const auto& datatype : kDatatypes) {
    if (datatype.number == number) return datatype.name;
  }
  return {};
}

std::size_t datatype_bytes(std::uint32_t number) {
  for (const auto& datatype : kDatatypes) {
    if (datatype.number == number) return datatype.bytes;
  }
  return 0;
}

}  // namespace berth::worker
