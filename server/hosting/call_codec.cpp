// SPDX-License-Identifier: Apache-2.0
#include "hosting/call_codec.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace berth::hosting {
namespace {

// Whether the elements that the shape names take exactly the bytes there are; BYTES carries its own lengths.
bool bytes_fit(const worker::TensorView& tensor) {
  const std::size_t each = worker::datatype_bytes(tensor.datatype);
  if (worker::datatype_name(tensor.datatype).empty()) return false;
  std::uint64_t elements = 1;
  for (const auto extent : tensor.shape) {
    if (extent < 0 || __builtin_mul_overflow(elements, static_cast<std::uint64_t>(extent), &elements)) return false;
  }
  if (each == 0) return true;
  return !__builtin_mul_overflow(elements, each, &elements) && elements == tensor.bytes.size();
}

// Labels end up in headers: nothing in them may end a line.
bool is_label(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

Error model_error(const RawAnswer& answer) {
  if (answer.status < 400 || answer.status > 599) return {.code = Code::internal, .message = answer.copy};
  return {.code = answer.status < 500 ? Code::invalid_argument : Code::internal,
          .message = answer.copy,
          .model_status = answer.status};
}

}  // namespace

std::optional<std::size_t> element_bytes(std::string_view datatype) {
  const auto number = worker::datatype_number(datatype);
  if (number == 0) return std::nullopt;
  return worker::datatype_bytes(number);
}

Result<worker::CallView> view_of(const Call& call) {
  worker::CallView view;
  view.request_id = call.request_id;
  view.args_json = call.args_json;
  for (const auto& file : call.files) {
    view.files.push_back({file.field, file.file_name, file.content_type, file.bytes.view()});
  }
  for (const auto& url : call.urls) view.urls.emplace_back(url);
  for (const auto& tensor : call.tensors) {
    view.tensors.push_back({tensor.name, worker::datatype_number(tensor.datatype), tensor.shape, tensor.bytes.view()});
    if (!bytes_fit(view.tensors.back())) {
      return failure(Code::invalid_argument, "tensor " + tensor.name + ": its bytes do not fit its datatype and shape");
    }
  }
  return view;
}

bool read_answers(worker::Reader& reader, const worker::Region& response, std::uint64_t sequence, std::size_t count,
                  std::uint64_t& compute_ns, std::vector<RawAnswer>& answers) {
  worker::DoneHeader header;
  if (!worker::read(reader, header) || header.sequence != sequence || header.count != count) return false;
  compute_ns = header.compute_ns;
  answers.resize(count);
  for (auto& answer : answers) {
    worker::ResultView view;
    if (!worker::read_result(reader, response, view)) return false;
    answer.kind = view.kind;
    answer.status = view.status;
    answer.body = view.body;
    answer.content_type = view.content_type;
    answer.file_name = view.file_name;
    for (auto& tensor : view.tensors) {
      answer.copies.push_back(
          {std::string(tensor.name), std::string(worker::datatype_name(tensor.datatype)), tensor.shape, {}});
    }
    answer.tensors = std::move(view.tensors);
    for (auto& tensor : answer.tensors) tensor.name = {};  // in the packet, which the next one replaces
  }
  // An honest worker wrote each body once; copies of one place could take more memory than there is.
  return reader.finished() && body_bytes(answers) <= response.size();
}

std::size_t body_bytes(const std::vector<RawAnswer>& answers) {
  std::size_t bytes = 0;
  for (const auto& answer : answers) {
    bytes += answer.body.size();
    for (const auto& tensor : answer.tensors) bytes += tensor.bytes.size();
  }
  return bytes;
}

void copy_bodies(std::vector<RawAnswer>& answers, worker::Region& response) {
  const char* base = response.at(0, 0)->data();
  const auto note = [&](std::string_view bytes) {
    if (!bytes.empty()) response.note_use(static_cast<std::size_t>(bytes.data() - base) + bytes.size());
  };
  for (auto& answer : answers) {
    if (answer.kind == worker::ResultKind::overflow) response.note_use(response.size());
    note(answer.body);
    answer.copy = answer.body;
    for (std::size_t i = 0; i < answer.tensors.size(); ++i) {
      note(answer.tensors[i].bytes);
      answer.copies[i].bytes = Bytes(std::string(answer.tensors[i].bytes));
    }
  }
}

Result<Output> check_answer(RawAnswer&& answer) {
  Output output;
  switch (answer.kind) {
    case worker::ResultKind::none: return failure(Code::internal, "the model returned without an answer");
    case worker::ResultKind::overflow:
      return failure(Code::internal, "the model's answer is larger than max_output_bytes");
    case worker::ResultKind::error: return failure(model_error(answer));
    case worker::ResultKind::json: output.kind = Output::Kind::json; break;
    case worker::ResultKind::text:
      output.kind = Output::Kind::text;
      if (!is_utf8(answer.copy)) return failure(Code::internal, "the model's answer is a text that is not UTF-8");
      break;
    case worker::ResultKind::file:
      output.kind = Output::Kind::file;
      if (!is_label(answer.content_type) || !is_label(answer.file_name)) {
        return failure(Code::internal, "the model's answer: a file's type or name has control characters");
      }
      break;
    case worker::ResultKind::tensors:
      output.kind = Output::Kind::tensors;
      if (!std::ranges::all_of(answer.tensors, bytes_fit)) {
        return failure(Code::internal, "the model's answer: a tensor's bytes do not fit its datatype and shape");
      }
      break;
  }
  output.body = Bytes(std::move(answer.copy));
  output.content_type = std::move(answer.content_type);
  output.file_name = std::move(answer.file_name);
  output.tensors = std::move(answer.copies);
  return output;
}

}  // namespace berth::hosting
