// SPDX-License-Identifier: Apache-2.0
// Messages that carry bytes: calls, answers, fetched files, and the places in shared memory where these lie.
#include "berth/abi.h"
#include "worker/protocol.h"

namespace berth::worker {
namespace {

// Below this, bytes travel in the packet itself.
constexpr std::size_t kInlineBytes = 2048;

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
  if (rank > BERTH_MAX_RANK) reader.fail();
  for (std::size_t i = 0; i < rank && reader.ok(); ++i) tensor.shape.push_back(reader.number<std::int64_t>());
  tensor.bytes = get_place(reader, region);
}

}  // namespace

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

}  // namespace berth::worker
