// SPDX-License-Identifier: Apache-2.0
#include "dialects/open_inference_request.h"

#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "dialects/open_inference_json.h"
#include "http/header_value.h"

namespace berth::dialects::open_inference {
namespace {

constexpr std::string_view kLengthHeader = "inference-header-content-length";

tl::unexpected<Error> bad(const std::string& field, const std::string& what) {
  return failure(Code::invalid_argument, std::string(field).append(": ").append(what));
}

// An absent member and a null one are the same: some clients write what they do not set as null.
const json::Value* member(const json::Value& object, std::string_view name) {
  const auto* value = json::find(object, name);
  return value != nullptr && !value->IsNull() ? value : nullptr;
}

Result<std::size_t> json_length(const http::Request& request) {
  const auto header = request.header(kLengthHeader);
  if (!header) return request.body.size();
  std::size_t length = 0;
  const auto* end = header->data() + header->size();
  const auto [stop, error] = std::from_chars(header->data(), end, length);
  if (header->empty() || error != std::errc() || stop != end) {
    return bad("Inference-Header-Content-Length", "it is no number of bytes");
  }
  if (length > request.body.size()) {
    return bad("Inference-Header-Content-Length", "it says " + std::to_string(length) + ", but the body has only " +
                                                      std::to_string(request.body.size()) + " byte(s)");
  }
  return length;
}

Result<std::string> text_member(const json::Value& object, const char* name, const std::string& where) {
  const auto* value = member(object, name);
  if (value == nullptr) return bad(where + name, "it is missing");
  if (!value->IsString() || value->GetStringLength() == 0) return bad(where + name, "it has to be a text");
  return std::string(json::view(*value));
}

Result<std::vector<std::int64_t>> read_shape(const json::Value& input, const std::string& where) {
  const auto* sizes = member(input, "shape");
  if (sizes == nullptr) return bad(where + "shape", "it is missing");
  if (!sizes->IsArray()) return bad(where + "shape", "it has to be a list of sizes");
  std::vector<std::int64_t> shape;
  for (const auto& size : sizes->GetArray()) {
    if (!size.IsInt64() || size.GetInt64() < 0)
      return bad(where + "shape", "a size has to be a whole number from 0 on");
    shape.push_back(size.GetInt64());
  }
  return shape;
}

Result<const json::Value*> read_parameters(const json::Value& object, const std::string& where) {
  const auto* parameters = member(object, "parameters");
  if (parameters != nullptr && !parameters->IsObject()) return bad(where + "parameters", "they have to be an object");
  return parameters;
}

Result<bool> read_flag(const json::Value* parameters, const char* name, bool fallback, const std::string& where) {
  const auto* flag = parameters != nullptr ? member(*parameters, name) : nullptr;
  if (flag == nullptr) return fallback;
  if (!flag->IsBool()) return bad(where + "parameters." + name, "it has to be true or false");
  return flag->GetBool();
}

Result<> refuse_extensions(const json::Value* parameters, const std::string& where) {
  if (parameters == nullptr) return {};
  for (const auto* name : {"shared_memory_region", "classification"}) {
    if (member(*parameters, name) == nullptr) continue;
    return failure(Code::not_implemented, where + "parameters." + name + ": this server does not have the extension");
  }
  return {};
}

// Reads the inputs one after another, and takes the binary ones off the body's rest.
class InputReader {
 public:
  InputReader(const Bytes& body, std::size_t json_bytes) : body_(body), rest_(body.view().substr(json_bytes)) {}

  Result<hosting::Tensor> next(const json::Value& input, std::optional<Elements>* elements, std::size_t index) {
    const auto where = "inputs[" + std::to_string(index) + "].";
    if (!input.IsObject()) return bad("inputs[" + std::to_string(index) + "]", "it has to be an object");
    hosting::Tensor tensor;
    auto name = text_member(input, "name", where);
    if (!name) return failure(name.error());
    auto datatype = text_member(input, "datatype", where);
    if (!datatype) return failure(datatype.error());
    if (!hosting::element_bytes(*datatype)) {
      return bad(where + "datatype", "there is no datatype '" + *datatype + "'");
    }
    auto shape = read_shape(input, where);
    if (!shape) return failure(shape.error());
    tensor.name = std::move(*name);
    tensor.datatype = std::move(*datatype);
    tensor.shape = std::move(*shape);
    auto bytes = read_bytes(input, tensor, elements, where);
    if (!bytes) return failure(bytes.error());
    tensor.bytes = std::move(*bytes);
    return tensor;
  }

  // Bytes that belong to no input.
  std::size_t left() const { return rest_.size(); }

 private:
  Result<Bytes> read_bytes(const json::Value& input, const hosting::Tensor& tensor, std::optional<Elements>* elements,
                           const std::string& where) {
    const auto parameters = read_parameters(input, where);
    if (!parameters) return failure(parameters.error());
    if (auto none = refuse_extensions(*parameters, where); !none) return failure(none.error());
    const auto* size = *parameters != nullptr ? member(**parameters, "binary_data_size") : nullptr;
    const bool has_data = member(input, "data") != nullptr;
    if (size != nullptr && has_data) return bad(where + "data", "it is there, and parameters.binary_data_size too");
    if (size != nullptr) return take_binary(*size, where);
    if (!has_data) return bad(where + "data", "it is missing, and parameters.binary_data_size too");
    if (tensor.datatype == "FP16") return bad(where + "data", "FP16 has no JSON form: send it as binary data");
    if (elements == nullptr || !*elements) return bad(where + "data", "it cannot be read");
    const auto nesting = (*elements)->nesting_problem(tensor.shape);
    if (!nesting.empty()) return bad(where + "data", nesting);
    return Bytes((*elements)->take_bytes());
  }

  Result<Bytes> take_binary(const json::Value& size, const std::string& where) {
    const auto field = where + "parameters.binary_data_size";
    if (!size.IsUint64()) return bad(field, "it has to be a number of bytes");
    if (size.GetUint64() > rest_.size()) {
      return bad(field, "it says " + std::to_string(size.GetUint64()) + ", but only " + std::to_string(rest_.size()) +
                            " byte(s) of the body are left behind its JSON, which is as long as the header " +
                            "Inference-Header-Content-Length says");
    }
    const auto taken = rest_.substr(0, size.GetUint64());
    rest_.remove_prefix(taken.size());
    return body_.slice(taken);
  }

  const Bytes& body_;
  std::string_view rest_;
};

Result<> read_inputs(InferJson& read, const Bytes& body, std::size_t json_bytes, InferRequest& result) {
  const auto* inputs = member(read.document, "inputs");
  if (inputs == nullptr) return bad("inputs", "they are missing");
  if (!inputs->IsArray()) return bad("inputs", "they have to be a list");
  InputReader reader(body, json_bytes);
  for (rapidjson::SizeType i = 0; i < inputs->Size(); ++i) {
    auto tensor = reader.next((*inputs)[i], i < read.data.size() ? &read.data[i] : nullptr, i);
    if (!tensor) return failure(tensor.error());
    result.inputs.push_back(std::move(*tensor));
  }
  if (reader.left() == 0) return {};
  return bad("inputs", std::to_string(reader.left()) + " byte(s) at the end of the body belong to none of them");
}

Result<> read_outputs(const json::Value& document, InferRequest& result) {
  const auto* outputs = member(document, "outputs");
  if (outputs == nullptr) return {};
  if (!outputs->IsArray()) return bad("outputs", "they have to be a list");
  std::set<std::string> names;  // there may be half a million, chosen to collide in a table of hashes
  for (rapidjson::SizeType i = 0; i < outputs->Size(); ++i) {
    const auto& output = (*outputs)[i];
    const auto where = "outputs[" + std::to_string(i) + "].";
    if (!output.IsObject()) return bad("outputs[" + std::to_string(i) + "]", "it has to be an object");
    auto name = text_member(output, "name", where);
    if (!name) return failure(name.error());
    if (!names.insert(*name).second) return bad(where + "name", "'" + *name + "' is asked for twice");
    const auto parameters = read_parameters(output, where);
    if (!parameters) return failure(parameters.error());
    if (auto none = refuse_extensions(*parameters, where); !none) return failure(none.error());
    const auto is_binary = read_flag(*parameters, "binary_data", result.binary_output, where);
    if (!is_binary) return failure(is_binary.error());
    result.outputs.push_back({std::move(*name), *is_binary});
  }
  return {};
}

}  // namespace

Result<InferRequest> read_infer_request(const http::Request& request, const BodyLimits& limits) {
  const auto encoding = request.header("content-encoding");
  if (encoding && !http::equals_ignoring_case(*encoding, "identity")) {
    return failure(Code::not_implemented, "Content-Encoding: this server reads requests that are not compressed");
  }
  const auto length = json_length(request);
  if (!length) return failure(length.error());
  if (*length > limits.max_json_bytes) {
    return failure(Code::too_large, "the request's JSON is larger than max_json_bytes (" +
                                        std::to_string(limits.max_json_bytes) + "): send its tensors as binary data");
  }
  auto read = read_infer_json(request.body.view().substr(0, *length), limits.max_json_values);
  if (!read) return failure(read.error());

  InferRequest result;
  if (const auto* id = member(read->document, "id")) {
    if (!id->IsString()) return bad("id", "it has to be a text");
    result.id = json::view(*id);
  }
  const auto parameters = read_parameters(read->document, "");
  if (!parameters) return failure(parameters.error());
  const auto binary = read_flag(*parameters, "binary_data_output", false, "");
  if (!binary) return failure(binary.error());
  result.binary_output = *binary;
  if (auto good = read_inputs(*read, request.body, *length, result); !good) return failure(good.error());
  if (auto good = read_outputs(read->document, result); !good) return failure(good.error());
  result.parameters.SetObject();
  if (*parameters != nullptr) result.parameters.CopyFrom(**parameters, result.parameters.GetAllocator());
  return result;
}

}  // namespace berth::dialects::open_inference
