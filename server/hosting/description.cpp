// SPDX-License-Identifier: Apache-2.0
#include "hosting/description.h"

#include <string>
#include <string_view>

#include "base/json.h"

namespace berth::hosting {

Result<Description> read_description(const worker::Ready& ready) {
  const auto metadata = json::parse(ready.metadata_json);
  if (!metadata) return failure(Code::unavailable, "its metadata is not valid JSON: " + metadata.error().message);
  const auto* name = json::find(*metadata, "name");
  if (name == nullptr || !name->IsString()) return failure(Code::unavailable, "its metadata has no \"name\"");
  Description description;
  description.metadata_json = ready.metadata_json;
  const auto list = [](std::string_view text, std::string_view what, std::string& into) -> Result<> {
    if (text.empty()) return {};
    const auto parsed = json::parse(text);
    if (!parsed || !parsed->IsArray()) return failure(Code::unavailable, std::string(what) + " are not a JSON array");
    into = text;
    return {};
  };
  if (auto ok = list(ready.test_args_json, "its predict arguments", description.test_args_json); !ok) {
    return failure(ok.error());
  }
  if (auto ok = list(ready.train_args_json, "its train arguments", description.train_args_json); !ok) {
    return failure(ok.error());
  }
  if (auto ok = list(ready.inputs_json, "its inputs", description.inputs_json); !ok) return failure(ok.error());
  if (auto ok = list(ready.outputs_json, "its outputs", description.outputs_json); !ok) return failure(ok.error());
  if (!ready.response_schema_json.empty()) {
    const auto schema = json::parse(ready.response_schema_json);
    if (!schema || !schema->IsObject()) return failure(Code::unavailable, "its response schema is not a JSON object");
    description.response_schema_json = ready.response_schema_json;
  }
  description.has_predict_data = ready.has_predict_data != 0;
  description.has_predict_url = ready.has_predict_url != 0;
  description.has_train = ready.has_train != 0;
  description.has_predict_batch = ready.has_predict_batch != 0;
  description.walls = ready.walls;
  return description;
}

}  // namespace berth::hosting
