// SPDX-License-Identifier: Apache-2.0
#include "core/self_test.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/files.h"
#include "core/args.h"

namespace berth::core {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 64UL * 1024 * 1024;
constexpr double kTolerance = 1e-3;

tl::unexpected<Error> bad(const std::string& where, std::string_view what) {
  return failure(Code::invalid_argument, std::string("model.yaml: ").append(where).append(": ").append(what));
}

Result<hosting::File> read_input(const fs::path& folder, const json::Value& name, const std::string& where) {
  if (!name.IsString()) return bad(where, "expected a path in the package");
  const fs::path path = std::string(json::view(name));
  if (path.empty() || path.is_absolute() || std::ranges::find(path, "..") != path.end()) {
    return bad(where, "expected a path in the package, got " + path.string());
  }
  auto bytes = read_file(folder / path, kMaxFileBytes, path.string());
  if (!bytes) return bad(where, "cannot read " + bytes.error().message);
  return hosting::File{"data", path.filename().string(), "application/octet-stream", Bytes(*std::move(bytes))};
}

Result<> take_args(SelfTestCase& one, const json::Value& args, const Declarations& declarations,
                   const std::string& where) {
  RawArgs raw;
  if (!args.IsNull() && !args.IsObject()) return bad(where + ".args", "expected a mapping");
  if (args.IsObject()) {
    for (const auto& member : args.GetObject()) raw.values.emplace(std::string(json::view(member.name)), &member.value);
  }
  auto checked = check_args(declarations.test_args, raw);
  if (!checked) return bad(where + ".args", checked.error().fields_json);
  one.call.args_json = std::move(checked->json);
  return {};
}

Result<SelfTestCase> read_case(const hosting::Source& source, const json::Value& value, const std::string& where,
                               const Declarations& declarations) {
  if (!value.IsObject()) return bad(where, "expected a mapping");
  SelfTestCase one;
  one.name = where;
  one.call.request_id = "self-test";
  const json::Value none;
  const json::Value* args = &none;
  for (const auto& member : value.GetObject()) {
    const auto key = json::view(member.name);
    if (key == "name" && member.value.IsString()) {
      one.name = json::view(member.value);
    } else if (key == "file") {
      auto file = read_input(source.package, member.value, where + ".file");
      if (!file) return tl::unexpected<Error>(file.error());
      one.call.files.push_back(std::move(*file));
    } else if (key == "args") {
      args = &member.value;
    } else if (key == "label" && member.value.IsString() && member.value.GetStringLength() > 0) {
      one.label = json::view(member.value);
    } else if (key == "expect") {
      auto expected = std::make_shared<json::Document>();
      expected->CopyFrom(member.value, expected->GetAllocator());
      one.expected = std::move(expected);
    } else {
      return bad(where,
                 "`" + std::string(key) + "` is no key of a case, or not a text: name, file, args, label, expect");
    }
  }
  if (one.label.empty() && one.expected == nullptr) return bad(where, "it needs `label` or `expect`");
  if (auto taken = take_args(one, *args, declarations, where); !taken) return failure(taken.error());
  return one;
}

// Depth first, in the order of the text.
const json::Value* first_label(const json::Value& value) {
  if (const auto* label = json::find(value, "label"); label != nullptr && label->IsString()) return label;
  if (value.IsArray()) {
    for (const auto& item : value.GetArray()) {
      if (const auto* label = first_label(item); label != nullptr) return label;
    }
  } else if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      if (const auto* label = first_label(member.value); label != nullptr) return label;
    }
  }
  return nullptr;
}

std::string what_is_wrong(const SelfTestCase& one, const Result<hosting::Output>& output) {
  if (!output) return output.error().message;
  if (output->kind != hosting::Output::Kind::json) return "it answered with no JSON";
  const auto answer = json::parse(output->body.view(), true);
  if (!answer) return answer.error().message;
  if (!one.label.empty()) {
    const auto* label = first_label(*answer);
    if (label == nullptr) return "its answer has no \"label\"";
    if (json::view(*label) != one.label) return "expected the label " + one.label + ", got " + json::to_text(*label);
  }
  return one.expected == nullptr ? "" : first_difference(*one.expected, *answer);
}

// Holds what the run needs until its last call is answered.
struct Run : std::enable_shared_from_this<Run> {
  hosting::ModelPtr model;
  std::vector<SelfTestCase> cases;
  std::function<void(Result<>)> done;

  void go_on(std::size_t index) {
    if (index == cases.size()) {
      model->statistics().forget();  // nobody asked for what it did here
      return done({});
    }
    auto call = cases[index].call;
    model->submit(std::move(call), [self = shared_from_this(), index](hosting::Outcome&& outcome) {
      const auto wrong = what_is_wrong(self->cases[index], outcome.output);
      if (!wrong.empty()) return self->done(failure(Code::unavailable, self->cases[index].name + ": " + wrong));
      self->go_on(index + 1);
    });
  }
};

}  // namespace

Result<std::vector<SelfTestCase>> read_self_test(const hosting::Source& source, const Declarations& declarations) {
  std::vector<SelfTestCase> cases;
  const auto config = json::parse(source.config_json);
  if (!config) return tl::unexpected<Error>(config.error());
  const auto* list = json::find(*config, "self_test");
  if (list == nullptr || list->IsNull()) return cases;
  if (!list->IsArray()) return bad("self_test", "expected a list of cases");
  for (const auto& item : list->GetArray()) {
    auto one = read_case(source, item, "self_test[" + std::to_string(cases.size()) + "]", declarations);
    if (!one) return tl::unexpected<Error>(one.error());
    cases.push_back(std::move(*one));
  }
  return cases;
}

std::string first_difference(const json::Value& expected, const json::Value& actual, const std::string& path) {
  const auto differs = [&] {
    return "at " + (path.empty() ? "/" : path) + ": expected " + json::to_text(expected) + ", got " +
           json::to_text(actual);
  };
  if (expected.IsObject() && actual.IsObject()) {
    for (const auto& member : expected.GetObject()) {
      const auto name = json::view(member.name);
      const auto inner = path + "/" + std::string(name);
      const auto* value = json::find(actual, name);
      if (value == nullptr) return "at " + inner + ": it is missing";
      if (auto difference = first_difference(member.value, *value, inner); !difference.empty()) return difference;
    }
    return "";
  }
  if (expected.IsArray() && actual.IsArray()) {
    if (expected.Size() != actual.Size()) return differs();
    for (rapidjson::SizeType i = 0; i < expected.Size(); ++i) {
      auto difference = first_difference(expected[i], actual[i], path + "/" + std::to_string(i));
      if (!difference.empty()) return difference;
    }
    return "";
  }
  if (expected.IsNumber() && actual.IsNumber()) {
    const double wanted = expected.GetDouble(), got = actual.GetDouble();
    return std::abs(wanted - got) <= kTolerance * std::max(1.0, std::abs(wanted)) ? "" : differs();
  }
  return expected == actual ? "" : differs();
}

void run_self_test(const hosting::ModelPtr& model, std::function<void(Result<>)> done) {
  const auto description = model->description();
  if (description == nullptr) return done(failure(Code::unavailable, "it is not ready"));
  const auto declarations = read_declarations(description);
  if (!declarations) return done(failure(declarations.error()));
  auto cases = read_self_test(model->source(), *declarations);
  if (!cases) return done(failure(cases.error()));
  const auto run = std::make_shared<Run>();
  run->model = model;
  run->cases = std::move(*cases);
  run->done = std::move(done);
  run->go_on(0);
}

}  // namespace berth::core
