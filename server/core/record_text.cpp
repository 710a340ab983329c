// SPDX-License-Identifier: Apache-2.0
#include "core/record_text.h"

#include <algorithm>

#include "base/json.h"
#include "base/json_object.h"
#include "base/sha256.h"
#include "base/text.h"

namespace berth::core {
namespace {

constexpr std::string_view kRedacted = "[redacted]";

bool is_same(std::string_view name, std::string_view lower) {
  return name.size() == lower.size() &&
         std::ranges::equal(name, lower, [](char a, char b) { return to_lower(a) == b; });
}

bool is_secret(std::string_view name, const std::vector<std::string>& redacted) {
  return std::ranges::any_of(redacted, [name](const std::string& each) { return is_same(name, each); });
}

// Whether a member may have such a name: a look at the text alone, for most have none. An escaped letter may be
// anything.
bool may_hold_secrets(std::string_view text, const std::vector<std::string>& redacted) {
  if (redacted.empty()) return false;
  for (auto at = text.find_first_of("\"\\"); at != text.npos; at = text.find_first_of("\"\\", at + 1)) {
    const auto rest = text.substr(at + 1);
    if (text[at] == '\\') {
      if (rest.starts_with('u')) return true;
      continue;
    }
    for (const auto& name : redacted) {
      if (rest.size() > name.size() && rest[name.size()] == '"' && is_same(rest.substr(0, name.size()), name)) {
        return true;
      }
    }
  }
  return false;
}

void redact(json::Value& value, const std::vector<std::string>& redacted, json::Document::AllocatorType& allocator) {
  if (value.IsArray()) {
    for (auto& element : value.GetArray()) redact(element, redacted, allocator);
  } else if (value.IsObject()) {
    std::for_each(value.MemberBegin(), value.MemberEnd(), [&](json::Value::Member& member) {
      if (is_secret(json::view(member.name), redacted)) {
        member.value = json::string(kRedacted, allocator);
      } else {
        redact(member.value, redacted, allocator);
      }
    });
  }
}

template <typename T, typename Text>
std::string list_of(const std::vector<T>& all, Text text_of) {
  std::string text = "[";
  for (const auto& each : all) text.append(text.size() > 1 ? "," : "").append(text_of(each));
  return text += ']';
}

std::string sha256_of(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

std::string file_text(const hosting::File& file) {
  return json::ObjectText()
      .text("field", storable(file.field))
      .text("file_name", storable(file.file_name))
      .text("content_type", storable(file.content_type))
      .number("bytes", static_cast<std::int64_t>(file.bytes.size()))
      .text("sha256", sha256_of(file.bytes.view()))
      .done();
}

json::ObjectText tensor_text(const hosting::Tensor& tensor) {
  json::ObjectText text;
  text.text("name", storable(tensor.name)).text("datatype", storable(tensor.datatype));
  text.raw("shape", list_of(tensor.shape, [](std::int64_t size) { return std::to_string(size); }));
  return text;
}

// Who may fetch it, and what with, stays out.
std::string url_text(std::string_view url) {
  std::string text(url.substr(0, url.find_first_of("?#")));
  const auto scheme = text.find("://");
  const auto begin = scheme == text.npos ? 0 : scheme + 3;
  const auto path = text.find('/', begin);
  const auto at = text.rfind('@', path);
  if (at != text.npos && at >= begin) text.erase(begin, at + 1 - begin);
  if (text.size() < url.size() && url.find('?') != url.npos) text.append("?").append(kRedacted);
  return json::quote(storable(text));
}

std::string omitted(std::size_t bytes) {
  return json::ObjectText()
      .raw("omitted", json::ObjectText().number("bytes", static_cast<std::int64_t>(bytes)).done())
      .done();
}

// A whole text, once more: what names files, URLs and errors has a length, too.
std::string bounded(std::string text, const RecordTextOptions& options) {
  if (text.size() > options.max_bytes) text = omitted(text.size());
  return text;
}

}  // namespace

std::string recorded(std::string text, const RecordTextOptions& options) {
  if (text.size() > options.max_bytes) return omitted(text.size());
  if (!may_hold_secrets(text, options.redacted)) return text;
  auto document = json::parse(text, true);
  if (!document) return omitted(text.size());
  redact(*document, options.redacted, document->GetAllocator());
  return json::to_text(*document);
}

std::uint64_t bytes_to_hash(const hosting::Call& call) {
  std::uint64_t bytes = 0;
  for (const auto& file : call.files) bytes += file.bytes.size();
  for (const auto& tensor : call.tensors) bytes += tensor.bytes.size();
  return bytes;
}

std::string input_text(const hosting::Call& call, const RecordTextOptions& options) {
  json::ObjectText text;
  if (call.args_json != "{}") text.raw("args", recorded(call.args_json, options));
  if (!call.files.empty()) text.raw("files", list_of(call.files, file_text));
  if (!call.urls.empty()) text.raw("urls", list_of(call.urls, url_text));
  if (!call.tensors.empty()) {
    text.raw("tensors", list_of(call.tensors, [](const hosting::Tensor& tensor) {
               return tensor_text(tensor).text("sha256", sha256_of(tensor.bytes.view())).done();
             }));
  }
  return bounded(text.done(), options);
}

std::string output_text(const Result<hosting::Output>& output, const RecordTextOptions& options) {
  using Kind = hosting::Output::Kind;
  if (!output) {
    json::ObjectText text;
    text.text("error", storable(output.error().message));
    if (!output.error().fields_json.empty()) text.raw("fields", recorded(output.error().fields_json, options));
    return bounded(text.done(), options);
  }
  switch (output->kind) {
    case Kind::json: return recorded(std::string(output->body.view()), options);
    case Kind::text:
      if (output->body.size() > options.max_bytes) return omitted(output->body.size());
      return json::quote(storable(output->body.view()));
    case Kind::file:
      return json::ObjectText()
          .raw("file", json::ObjectText()
                           .text("content_type", storable(output->content_type))
                           .number("bytes", static_cast<std::int64_t>(output->body.size()))
                           .done())
          .done();
    case Kind::tensors:
      return json::ObjectText()
          .raw("tensors",
               list_of(output->tensors, [](const hosting::Tensor& tensor) { return tensor_text(tensor).done(); }))
          .done();
  }
  return "null";
}

std::string json_list(const std::vector<std::string>& texts) {
  return list_of(texts, [](const std::string& text) { return json::quote(storable(text)); });
}

}  // namespace berth::core
