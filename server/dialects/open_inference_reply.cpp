// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_reply.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/json.h"
#include "core/tensors.h"
#include "dialects/error_status.h"

namespace berth::dialects::open_inference {
namespace {

using hosting::Tensor;

int protocol_status(const Error& error) {
  if (error.model_status) return status_of(error);
  switch (error.code) {
    case Code::not_found: return 404;
    case Code::busy:
    case Code::cancelled:
    case Code::unavailable: return 503;
    case Code::not_implemented: return 501;
    case Code::timeout:
    case Code::internal: return 500;
    case Code::throttled:
    case Code::unauthenticated:
    case Code::forbidden: return status_of(error);
    case Code::invalid_argument:
    case Code::conflict:
    case Code::too_large: return 400;
  }
  return 500;
}

// {"top_k":["Not a valid integer."]} of arguments that came as parameters.
std::string field_messages(const std::string& fields_json) {
  const auto fields = json::parse(fields_json);
  if (!fields || !fields->IsObject()) return {};
  std::string text;
  for (const auto& field : fields->GetObject()) {
    const auto& messages = field.value;
    const bool is_plain = messages.IsArray() && messages.Size() == 1 && messages[0].IsString();
    text.append(text.empty() ? "parameters." : "; parameters.").append(json::view(field.name)).append(": ");
    text.append(is_plain ? std::string(json::view(messages[0])) : json::to_text(messages));
  }
  return text;
}

// JSON has no word for what is not finite: null. False: it was such a number.
template <class T>
bool write_number(std::string& text, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) {
      text += "null";
      return false;
    }
  }
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), written.ptr);
  return true;
}

template <class T>
bool write_elements(std::string& text, std::string_view bytes) {
  bool all_finite = true;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    if (at > 0) text += ',';
    T value{};
    std::memcpy(&value, bytes.data() + at, sizeof value);
    all_finite = write_number(text, value) && all_finite;
  }
  return all_finite;
}

bool write_booleans(std::string& text, std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    text.append(at > 0 ? "," : "").append(bytes[at] != 0 ? "true" : "false");
  }
  return true;
}

// core has seen that each element lies within the bytes.
bool write_texts(std::string& text, std::string_view bytes) {
  for (bool is_first = true; !bytes.empty(); is_first = false) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    const auto element = bytes.substr(sizeof size, size);
    bytes.remove_prefix(sizeof size + size);
    if (clean_text(element) != element) return false;
    text.append(is_first ? "" : ",").append(json::quote(element));
  }
  return true;
}

using Write = bool (*)(std::string&, std::string_view);  // false: some numbers were not finite
constexpr std::array<std::pair<std::string_view, Write>, 11> kWrites{{{"FP32", write_elements<float>},
                                                                      {"FP64", write_elements<double>},
                                                                      {"INT8", write_elements<std::int8_t>},
                                                                      {"INT16", write_elements<std::int16_t>},
                                                                      {"INT32", write_elements<std::int32_t>},
                                                                      {"INT64", write_elements<std::int64_t>},
                                                                      {"UINT8", write_elements<std::uint8_t>},
                                                                      {"UINT16", write_elements<std::uint16_t>},
                                                                      {"UINT32", write_elements<std::uint32_t>},
                                                                      {"UINT64", write_elements<std::uint64_t>},
                                                                      {"BOOL", write_booleans}}};

Result<> write_data(std::string& text, const Tensor& tensor, const log::Context& context) {
  const auto found = std::ranges::find(kWrites, tensor.datatype, &std::pair<std::string_view, Write>::first);
  text += ",\"data\":[";
  bool is_said = found != kWrites.end();
  if (is_said) {
    if (!found->second(text, tensor.bytes.view())) {
      log::warning("output '" + tensor.name + "' holds numbers that are not finite; they are sent as null", context);
    }
  } else {
    is_said = tensor.datatype == "BYTES" && write_texts(text, tensor.bytes.view());
  }
  text += ']';
  if (is_said) return {};
  return failure(Code::invalid_argument, "outputs: '" + tensor.name + "' holds " + tensor.datatype +
                                             " that JSON cannot say: ask for it with binary_data");
}

struct Chosen {
  const Tensor* tensor;
  bool is_binary;
};

Result<std::vector<Chosen>> choose(const InferRequest& request, const std::vector<Tensor>& tensors) {
  std::vector<Chosen> chosen;
  for (const auto& wanted : request.outputs) {
    const auto found = std::ranges::find(tensors, wanted.name, &Tensor::name);
    if (found == tensors.end()) {
      return failure(Code::invalid_argument, "outputs: the model gives no output '" + wanted.name + "'");
    }
    chosen.push_back({&*found, wanted.is_binary});
  }
  if (!request.outputs.empty()) return chosen;
  for (const auto& tensor : tensors) chosen.push_back({&tensor, request.binary_output});
  return chosen;
}

Result<> write_output(std::string& text, const Chosen& output, const log::Context& context) {
  const auto& tensor = *output.tensor;
  text.append("{\"name\":").append(json::quote(clean_text(tensor.name))).append(",\"shape\":");
  text.append(core::shape_text(tensor.shape)).append(",\"datatype\":").append(json::quote(tensor.datatype));
  if (output.is_binary) {
    text.append(",\"parameters\":{\"binary_data_size\":").append(std::to_string(tensor.bytes.size())).append("}}");
    return {};
  }
  if (auto written = write_data(text, tensor, context); !written) return written;
  text += '}';
  return {};
}

}  // namespace

http::Response error_reply(int status, std::string_view message) {
  return http::Response::json(status, "{\"error\":" + json::quote(message) + "}");
}

http::Response error_reply(const Error& error, std::string_view model, std::string_view request_id) {
  const auto fields = error.model_status ? std::string() : field_messages(error.fields_json);
  auto reply = error_reply(protocol_status(error), fields.empty() ? message_for_client(error) : clean_text(fields));
  return finish_error(std::move(reply), error, model, request_id);
}

Result<http::Response> infer_reply(const InferRequest& request, std::string_view version, const hosting::Output& output,
                                   const log::Context& context) {
  const auto chosen = choose(request, output.tensors);
  if (!chosen) return failure(chosen.error());
  std::string body = "{\"model_name\":" + json::quote(context.model) + ",\"model_version\":" + json::quote(version);
  if (request.id) body.append(",\"id\":").append(json::quote(*request.id));
  body += ",\"outputs\":[";
  for (const auto& one : *chosen) {
    if (body.back() == '}') body += ',';
    if (auto written = write_output(body, one, context); !written) return failure(written.error());
  }
  body += "]}";
  const auto json_bytes = body.size();
  bool is_binary = false;
  for (const auto& one : *chosen) {
    if (one.is_binary) body.append(one.tensor->bytes.view());
    is_binary = is_binary || one.is_binary;
  }
  auto response =
      http::Response::bytes(200, is_binary ? "application/octet-stream" : "application/json", Bytes(std::move(body)));
  if (is_binary) response.headers.emplace_back("Inference-Header-Content-Length", std::to_string(json_bytes));
  return response;
}

}  // namespace berth::dialects::open_inference
