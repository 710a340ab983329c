// SPDX-License-Identifier: Apache-2.0
#include "cli/prediction.h"

#include <rapidjson/prettywriter.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/json.h"

namespace berth::cli {
namespace {

bool is_json(const Answer& answer) { return answer.content_type.starts_with("application/json"); }

std::string indented(const json::Value& value) {
  json::Buffer buffer;
  rapidjson::PrettyWriter<json::Buffer> writer(buffer);
  writer.SetIndent(' ', 2);
  value.Accept(writer);
  return buffer.GetString();
}

}  // namespace

std::string readable(const Answer& answer) {
  if (!is_json(answer)) return answer.body;
  const auto document = json::parse(answer.body);
  if (!document) return answer.body;
  const auto* status = json::find(*document, "status");
  const auto* predictions = status ? json::find(*document, "predictions") : nullptr;
  const json::Value& value = predictions ? *predictions : *document;
  return value.IsString() ? std::string(json::view(value)) : indented(value);
}

std::string explain_failure(const Answer& answer, const std::string& model) {
  std::string text = model;
  text.append(": status ").append(std::to_string(answer.status));
  if (answer.body.empty()) return text;
  const bool legible = is_json(answer) || answer.content_type.starts_with("text/");
  return legible ? text.append("\n").append(readable(answer)) : text;
}

Result<> print_prediction(const Answer& answer, const std::string& model, const PredictionFormat& format) {
  if (answer.status >= 400) return failure(Code::unavailable, explain_failure(answer, model));
  if (!format.output_file.empty()) {
    std::ofstream file(format.output_file, std::ios::binary);
    if (!(file << (is_json(answer) && !format.json ? readable(answer) + "\n" : answer.body)) || !file.flush()) {
      return failure(Code::unavailable, "cannot write " + format.output_file);
    }
    return {};
  }
  const bool binary = !is_json(answer) && !answer.content_type.starts_with("text/");
  if (binary && ::isatty(STDOUT_FILENO) == 1) {
    return failure(Code::invalid_argument, "the answer is a file (" + answer.content_type + ", " +
                                               std::to_string(answer.body.size()) +
                                               " bytes); take it with --output FILE");
  }
  const auto text = format.json || binary ? answer.body : readable(answer);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!binary && !text.ends_with('\n')) std::fputc('\n', stdout);
  return std::fflush(stdout) == 0 ? Result<>() : failure(Code::unavailable, "cannot write to stdout");
}

}  // namespace berth::cli
