// SPDX-License-Identifier: Apache-2.0
#include "dialects/api_document.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dialects/api_document_dialects.h"
#include "dialects/api_document_template.h"
#include "dialects/predict_input.h"
#include "dialects/swagger_parameters.h"

namespace berth::dialects {
namespace {

constexpr std::string_view kNotImplemented = "This model does not implement it: 501";

void merge_paths(std::string_view text, json::Value& paths, Allocator& allocator) {
  const auto parsed = json::parse(text);
  if (!parsed) return;  // a model's name with a quote in it: such a model is not described
  for (const auto& member : parsed->GetObject()) {
    paths.AddMember(json::Value(member.name, allocator), json::Value(member.value, allocator), allocator);
  }
}

// The template's paths for one model, merged into `paths`.
void add_model_paths(std::string_view text, const std::string& model, json::Value& paths, Allocator& allocator) {
  std::string filled;
  constexpr std::string_view kPlace = "{model}";
  for (auto at = text.find(kPlace); at != text.npos; at = text.find(kPlace)) {
    filled += text.substr(0, at);
    filled += model;
    text.remove_prefix(at + kPlace.size());
  }
  filled += text;
  merge_paths(filled, paths, allocator);
}

json::Value* operation(json::Value& paths, const std::string& path, const char* method) {
  return paths.HasMember(path) ? &paths[path][method] : nullptr;
}

// Puts the arguments in, and which bodies they may come in.
void describe(json::Value& operation, const core::ArgSpecs& specs, bool implemented, Allocator& allocator) {
  auto& parameters = operation["parameters"];
  const auto in_form = [](const core::ArgSpec& s) {
    return s.type == core::ArgType::file || s.source == core::ArgSource::form;
  };
  for (const auto& spec : specs) parameters.PushBack(swagger_parameter(spec, allocator), allocator);
  json::Value consumes(rapidjson::kArrayType);
  if (std::ranges::any_of(specs, in_form)) {
    consumes.PushBack("multipart/form-data", allocator);
  } else {
    consumes.PushBack("application/json", allocator).PushBack("application/x-www-form-urlencoded", allocator);
  }
  operation.AddMember("consumes", consumes, allocator);
  if (!implemented) operation.AddMember("description", json::string(kNotImplemented, allocator), allocator);
}

bool predicts(const core::Declarations& declarations) {
  return declarations.implements(hosting::Method::predict_data) ||
         declarations.implements(hosting::Method::predict_url);
}

core::ArgSpecs joined(core::ArgSpecs first, const core::ArgSpecs& second) {
  for (const auto& spec : second) {
    if (std::ranges::find(first, spec.key, &core::ArgSpec::key) == first.end()) first.push_back(spec);
  }
  return first;
}

// `data` and `url`, as V1 knows them; a model's own argument of these names is theirs.
core::ArgSpecs v1_input_specs() {
  core::ArgSpec data;
  data.name = data.key = "data";
  data.type = core::ArgType::file;
  data.help = "Data file to perform inference.";
  core::ArgSpec url;
  url.name = url.key = "url";
  url.type = core::ArgType::list;
  url.help = "URL to retrieve data to perform inference.";
  return {data, url};
}

// A model that chooses among content types says which; one with a response schema answers by it.
void describe_answer(json::Value& operation, const core::Declarations& declarations, Allocator& allocator) {
  const auto accept = std::ranges::find(declarations.test_args, "accept", &core::ArgSpec::name);
  if (accept != declarations.test_args.end() && !accept->choices_json.empty()) {
    auto& produces = operation["produces"];
    produces.Clear();
    for (const auto& choice : accept->choices_json) {
      const auto value = json::parse(choice);
      if (value && value->IsString()) produces.PushBack(json::Value(*value, allocator), allocator);
    }
  }
  const auto schema = json::parse(declarations.description->response_schema_json);
  if (schema && schema->IsObject()) operation["responses"]["200"]["schema"] = swagger_schema(*schema, allocator);
}

void add_v2_model(const core::ModelView& view, json::Value& paths, Allocator& allocator) {
  const auto& declarations = *view.declarations;
  add_model_paths(api_document_v2_model(), view.name, paths, allocator);
  const auto root = "/v2/models/" + view.name;
  if (auto* predict = operation(paths, root + "/predict/", "post")) {
    describe(*predict, joined(input_specs(view), declarations.test_args), predicts(declarations), allocator);
    describe_answer(*predict, declarations, allocator);
  }
  if (auto* train = operation(paths, root + "/train/", "post")) {
    describe(*train, declarations.train_args, declarations.implements(hosting::Method::train), allocator);
  }
}

void add_v1_model(const core::ModelView& view, json::Value& paths, Allocator& allocator) {
  const auto& declarations = *view.declarations;
  add_model_paths(api_document_v1_model(), view.name, paths, allocator);
  const auto root = "/models/" + view.name;
  if (auto* predict = operation(paths, root + "/predict", "post")) {
    describe(*predict, joined(v1_input_specs(), declarations.test_args), predicts(declarations), allocator);
  }
  if (auto* train = operation(paths, root + "/train", "put")) {
    describe(*train, declarations.train_args, declarations.implements(hosting::Method::train), allocator);
  }
}

// `/v2/berth` is the server's own, whatever dialects there are.
void drop_paths(json::Value& paths, const DocumentScope& scope) {
  std::vector<std::string> dropped;
  for (const auto& path : std::as_const(paths).GetObject()) {
    const auto name = json::view(path.name);
    const bool is_v1 = name.starts_with("/models");
    const bool is_v2 = name == "/" || (name.starts_with("/v2") && !name.starts_with("/v2/berth"));
    if ((is_v1 && !scope.v1) || (is_v2 && !scope.v2)) dropped.emplace_back(name);
  }
  for (const auto& name : dropped) paths.RemoveMember(name);
}

}  // namespace

std::string api_document(const core::Service& service, const std::string& base_path, const DocumentScope& scope) {
  auto document = json::parse(api_document_template());
  if (!document) return "{}";
  auto& allocator = document->GetAllocator();
  const std::string_view base = base_path.empty() ? "/" : std::string_view(base_path);
  document->AddMember("basePath", json::string(base, allocator), allocator);
  auto& paths = (*document)["paths"];
  drop_paths(paths, scope);
  for (const auto text : scope.others) merge_paths(text, paths, allocator);
  for (const auto& view : service.models()) {
    if (scope.v2) add_v2_model(view, paths, allocator);
    if (scope.v1) add_v1_model(view, paths, allocator);
  }
  return json::to_text(*document);
}

void add_api_document(http::Router& router, core::Service& service, const DeepaasOptions& options) {
  const auto table = router.table();
  const auto has = [&](const std::string& path) {
    return std::ranges::any_of(table, [&](const auto& route) { return route.pattern == options.base_path + path; });
  };
  DocumentScope scope{has("/models/"), has("/v2/models/")};
  if (has("/classifier/predictions")) scope.others.push_back(api_document_classifier());
  if (has("/api/login")) scope.others.push_back(api_document_deployments());
  if (has("/register-user")) scope.others.push_back(api_document_tabular());
  router.add(
      {"GET", "/swagger.json", http::Access::caller,
       [&service, base_path = options.base_path, scope](http::Request&&, const http::PathParams&, http::Reply&& reply) {
         reply.send(http::Response::json(200, api_document(service, base_path, scope)));
       }});
}

}  // namespace berth::dialects
