// SPDX-License-Identifier: Apache-2.0
#include "dialects/predict_input.h"

#include <algorithm>

namespace berth::dialects {
namespace {

core::ArgSpec data_spec() {
  core::ArgSpec data;
  data.name = data.key = "data";
  data.type = core::ArgType::file;
  data.help = "The file, or files, to predict on";
  return data;
}

core::ArgSpec urls_spec() {
  core::ArgSpec urls;
  urls.name = urls.key = "urls";
  urls.type = core::ArgType::list;
  urls.items.emplace_back();
  urls.min_length = 1;
  urls.help = "Where to fetch what to predict on";
  return urls;
}

bool takes_data(const core::ModelView& view) { return view.declarations->implements(hosting::Method::predict_data); }

bool takes_urls(const core::ModelView& view) { return view.declarations->implements(hosting::Method::predict_url); }

std::vector<std::string> read_urls(const std::string& args_json) {
  const auto values = json::parse(args_json);
  const auto* list = values ? json::find(*values, "urls") : nullptr;
  std::vector<std::string> urls;
  if (!list) return urls;
  for (const auto& url : list->GetArray()) urls.emplace_back(json::view(url));
  return urls;
}

Error exactly_one() {
  const std::string message = R"(["Exactly one of 'data' and 'urls' is required."])";
  return {Code::invalid_argument, "exactly one of 'data' and 'urls' is required",
          "{\"data\":" + message + ",\"urls\":" + message + "}"};
}

}  // namespace

bool declares_files(const core::ArgSpecs& specs) {
  return std::ranges::any_of(specs, [](const core::ArgSpec& s) { return s.type == core::ArgType::file; });
}

core::ArgSpecs input_specs(const core::ModelView& view) {
  const bool has_own = !view.declarations->takes_files || declares_files(view.declarations->test_args);
  core::ArgSpecs specs;
  if (takes_data(view) && !has_own) specs.push_back(data_spec());
  if (takes_urls(view)) specs.push_back(urls_spec());
  // With one way in, that one is needed; with two, choose_input sees to it that there is exactly one.
  if (specs.size() == 1 && !(has_own && takes_data(view))) specs.front().required = true;
  return specs;
}

Result<PredictInput> choose_input(const core::ModelView& view, const http::Request& request,
                                  const RequestFields& fields) {
  const auto specs = input_specs(view);
  auto checked = core::check_args(specs, collect_args(specs, request, fields));
  if (!checked) return tl::unexpected<Error>(checked.error());
  PredictInput input;
  input.files = std::move(checked->files);
  input.urls = read_urls(checked->json);
  if (specs.size() == 2 && input.files.empty() == input.urls.empty()) return failure(exactly_one());
  if (!input.urls.empty() || !takes_data(view)) input.method = hosting::Method::predict_url;
  // Neither is implemented: let the service say so for the method that people expect.
  if (!takes_data(view) && !takes_urls(view)) input.method = hosting::Method::predict_data;
  return input;
}

}  // namespace berth::dialects
