// SPDX-License-Identifier: Apache-2.0
// Reads infer requests of the Open Inference Protocol: the first line is Inference-Header-Content-Length ("" = without
// the header), the rest is the body. What was read, said again as an answer in either form, must read the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/log.h"
#include "core/tensors.h"
#include "dialects/open_inference_reply.h"
#include "dialects/open_inference_request.h"

namespace {

namespace protocol = berth::dialects::open_inference;
using berth::Bytes;
using berth::Code;
using berth::hosting::Tensor;
using Tensors = std::vector<Tensor>;

void require(bool promise) {
  if (!promise) std::abort();
}

berth::http::Request as_request(std::string_view json_bytes, std::string body) {
  berth::http::Request request;
  if (!json_bytes.empty()) request.headers.emplace_back("inference-header-content-length", json_bytes);
  request.body = Bytes(std::move(body));
  return request;
}

// Every refusal can be told to its client.
void check_refusal(const berth::Error& error) {
  require(error.code == Code::invalid_argument || error.code == Code::not_implemented || error.code == Code::too_large);
  const auto reply = protocol::error_reply(error, "m", "fuzz");
  const auto told = berth::json::parse(reply.body.view());
  require(reply.status >= 400 && told && !berth::json::text_at(*told, "error").empty());
}

// The binary ones are slices of the body, in order, none overlapping another.
void check_slices(const Tensors& tensors, const Bytes& body) {
  const char* last = body.data();
  for (const auto& tensor : tensors) {
    const bool inside = tensor.bytes.data() >= body.data() && tensor.bytes.data() < body.data() + body.size();
    if (tensor.bytes.empty() || !inside) continue;
    require(tensor.bytes.data() >= last);
    last = tensor.bytes.data() + tensor.bytes.size();
    require(last <= body.data() + body.size());
  }
}

bool same(const Tensors& some, const Tensors& others) {
  return std::equal(some.begin(), some.end(), others.begin(), others.end(), [](const Tensor& one, const Tensor& other) {
    return one.name == other.name && one.datatype == other.datatype && one.shape == other.shape &&
           one.bytes.view() == other.bytes.view();
  });
}

// An answer with the tensors as its outputs, made a request with them as its inputs.
void say_again(const Tensors& tensors, bool is_binary) {
  protocol::InferRequest wanted;
  wanted.binary_output = is_binary;
  berth::hosting::Output output;
  output.kind = berth::hosting::Output::Kind::tensors;
  output.tensors = tensors;
  const auto reply = protocol::infer_reply(wanted, "1", output, {.model = "m"});
  if (!reply) return require(!is_binary && reply.error().code == Code::invalid_argument);
  std::string body(reply->body.view());
  constexpr std::string_view kOutputs = "\"outputs\"", kInputs = "\"inputs\"";
  const auto at = body.find(kOutputs);
  require(at != std::string::npos);
  body.replace(at, kOutputs.size(), kInputs);
  std::string length;
  for (const auto& [name, value] : reply->headers) {
    if (name == "Inference-Header-Content-Length") length = std::to_string(std::stoul(value) - 1);
  }
  const bool has_null = body.find("null") != std::string::npos;
  const auto again = protocol::read_infer_request(as_request(length, std::move(body)), {});
  if (!again) return require(!is_binary && has_null);  // what is not finite
  require(same(tensors, again->inputs));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const bool is_quiet =
      (berth::log::open(berth::log::Level::error, berth::log::Format::text), true);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = input.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const auto request = as_request(input.substr(0, line_end), std::string(input.substr(line_end + 1)));
  const berth::dialects::BodyLimits limits{.max_json_bytes = 4096, .max_json_values = 256};
  const auto read = protocol::read_infer_request(request, limits);
  if (!read) {
    check_refusal(read.error());
    return 0;
  }
  require(read->parameters.IsObject());
  check_slices(read->inputs, request.body);
  const berth::core::TensorSpecs specs = {{"a", "FP32", {-1, 2}}, {"b", "BYTES", {-1}, true}};
  if (const auto checked = berth::core::check_inputs(specs, read->inputs); !checked) check_refusal(checked.error());
  berth::hosting::Output output;
  output.kind = berth::hosting::Output::Kind::tensors;
  output.tensors = read->inputs;
  if (!berth::core::check_outputs({}, output)) return 0;
  say_again(read->inputs, true);
  say_again(read->inputs, false);
  return 0;
}
