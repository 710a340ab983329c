// SPDX-License-Identifier: Apache-2.0
// The API document against what the original servers said of the same models, and against the router.
#include "dialects/api_document.h"
#include "dialects/api_document_dialects.h"

#include <fstream>
#include <sstream>

#include "dialects/api_page.h"
#include "dialects/fixture.h"

namespace berth::test {
namespace {

class ApiDocument : public DialectTest {
 protected:
  void SetUp() override {
    registry_.add(probe_model());
    registry_.add(deepaas_test_model());
    registry_.add(v1_demo_model());
  }
  void open_all(const dialects::DeepaasOptions& options = {}) {
    open(options);
    dialects::add_api_document(*router_, service_, options);
    dialects::add_api_page(*router_, "/nonexistent", options);
  }
  json::Document document(const std::string& target = "/swagger.json") {
    const auto response = ask("GET", target);
    EXPECT_EQ(response.status, 200);
    return body_of(response);
  }
  static json::Document recorded(const std::string& file) {
    std::ifstream in(std::filesystem::path(BERTH_TRANSCRIPTS_DIR) / file);
    std::ostringstream text;
    text << in.rdbuf();
    auto parsed = json::parse(text.str());
    EXPECT_TRUE(parsed) << file;
    return std::move(*parsed);
  }
  static const json::Value* parameter(const json::Value& operation, std::string_view name) {
    const auto* parameters = json::find(operation, "parameters");
    if (!parameters) return nullptr;
    for (const auto& one : parameters->GetArray()) {
      if (json::view(one["name"]) == name) return &one;
    }
    return nullptr;
  }
  // Every path, method and parameter of the recorded document is in ours, in the same place and of the same type.
  void expect_covers(const std::string& file) {
    open_all();
    const auto ours = document();
    const auto theirs = recorded(file);
    for (const auto& path : theirs["paths"].GetObject()) {
      const std::string name(json::view(path.name));
      const auto* our_path = json::find(ours["paths"], name);
      ASSERT_TRUE(our_path) << name;
      for (const auto& method : path.value.GetObject()) {
        if (json::view(method.name) == "parameters") continue;  // X-Fields, which did nothing
        const auto* operation = json::find(*our_path, json::view(method.name));
        ASSERT_TRUE(operation) << name;
        expect_parameters(name, method.value, *operation);
      }
    }
  }
  static void expect_parameters(const std::string& path, const json::Value& theirs, const json::Value& ours) {
    const auto* parameters = json::find(theirs, "parameters");
    if (!parameters) return;
    for (const auto& recorded : parameters->GetArray()) {
      const std::string name(json::view(recorded["name"]));
      const auto* our = parameter(ours, name);
      ASSERT_TRUE(our) << path << " " << name;
      for (const char* key : {"in", "required", "default", "enum", "minimum", "maximum", "maxLength"}) {
        const auto* value = json::find(recorded, key);
        if (!value || (std::string_view(key) == "enum" && name == "accept")) continue;
        const auto* our_value = json::find(*our, key);
        ASSERT_TRUE(our_value) << path << " " << name << " " << key;
        EXPECT_EQ(*our_value, *value) << path << " " << name << " " << key;
      }
      const auto* type = json::find(recorded, "type");
      const bool fits_swagger = type && json::view(*type) != "object";  // objects are no parameters in Swagger 2.0
      if (fits_swagger) {
        EXPECT_EQ((*our)["type"], *type) << path << " " << name;
      }
    }
  }
};

TEST_F(ApiDocument, CoversWhatWasRecordedOfTheProbe) { expect_covers("v2_swagger_probe.json"); }
TEST_F(ApiDocument, CoversWhatWasRecordedOfTheTestModel) { expect_covers("v2_swagger_deepaas-test.json"); }
TEST_F(ApiDocument, CoversWhatWasRecordedOfTheV1Model) { expect_covers("v1_swagger_v1demo.json"); }

TEST_F(ApiDocument, HasEveryRouteOfTheServer) {
  open_all();
  const auto ours = document();
  const auto covers = [&](std::string path, std::string method) {
    std::ranges::transform(method, method.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const auto* found = json::find(ours["paths"], path);
    // What is declared differs from model to model, what is done to them does not.
    if (const auto at = path.find("{model}"); at != path.npos && found == nullptr) {
      found = json::find(ours["paths"], path.replace(at, 7, "probe"));
    }
    return found && json::find(*found, method);
  };
  for (const auto& route : router_->table()) {
    EXPECT_TRUE(covers(route.pattern, route.method)) << route.method << " " << route.pattern;
  }
  EXPECT_GT(router_->table().size(), 15U);
}

TEST_F(ApiDocument, SaysWhatAnArgumentIs) {
  open_all();
  const auto ours = document();
  const auto& predict = ours["paths"]["/v2/models/probe/predict/"]["post"];
  const auto text = [&](std::string_view name) { return json::to_text(*parameter(predict, name)); };
  EXPECT_EQ(text("i"),
            R"({"name":"i","in":"query","required":false,"description":"an int","type":"integer","format":"int64",)"
            R"("minimum":0,"maximum":10})");
  EXPECT_EQ(text("dl"), R"({"name":"dl","in":"query","required":false,"type":"array",)"
                        R"("items":{"type":"integer","format":"int64"},"collectionFormat":"csv"})");
  EXPECT_EQ(text("X-Thing"), R"({"name":"X-Thing","in":"header","required":false,"type":"string"})");
  EXPECT_EQ(text("data"), R"({"name":"data","in":"formData","required":false,"description":"file","type":"file"})");
  EXPECT_EQ(text("n"), R"({"name":"n","in":"query","required":false,"description":"Only in a JSON body",)"
                       R"("type":"string","format":"json"})");
  const auto& accept = (*parameter(predict, "accept"))["enum"];
  EXPECT_EQ(json::to_text(accept), R"(["application/json","image/png","text/plain","*/*"])");
  EXPECT_EQ(json::to_text(predict["consumes"]), R"(["multipart/form-data"])");
  const auto& schema = ours["paths"]["/v2/models/deepaas-test/predict/"]["post"]["responses"]["200"]["schema"];
  EXPECT_TRUE(json::find(schema["properties"], "labels"));
}

TEST_F(ApiDocument, ShowsTheInputThatTheApiAddsAndWhatIsNotImplemented) {
  hosting::Description by_url;
  by_url.has_predict_url = true;
  add("by_url", by_url, nullptr);
  hosting::Description tabular;
  tabular.has_predict_data = true;
  tabular.metadata_json = R"({"berth":{"takes_files":false}})";
  add("tabular", tabular, nullptr);
  open_all();
  const auto ours = document();
  const auto& url = ours["paths"]["/v2/models/by_url/predict/"]["post"];
  EXPECT_TRUE((*parameter(url, "urls"))["required"].GetBool());
  EXPECT_FALSE(parameter(url, "data"));
  EXPECT_TRUE(json::find(ours["paths"]["/v2/models/by_url/train/"]["post"], "description"));
  const auto& row = ours["paths"]["/v2/models/tabular/predict/"]["post"];
  EXPECT_FALSE(parameter(row, "urls"));
  EXPECT_FALSE(parameter(row, "data"));
}

TEST_F(ApiDocument, StandsBelowTheBasePath) {
  open_all({.base_path = "/x/y"});
  EXPECT_EQ(json::view(document("/x/y/swagger.json")["basePath"]), "/x/y");
}

TEST_F(ApiDocument, LeavesOutADialectThatIsNotServed) {
  router_ = std::make_unique<http::Router>("", guard_that_takes_all_for(caller_));
  dialects::add_deepaas_v2(*router_, service_, {});
  dialects::add_api_document(*router_, service_, {});
  const auto ours = document();
  EXPECT_TRUE(json::find(ours["paths"], "/v2/models/probe/predict/"));
  EXPECT_FALSE(json::find(ours["paths"], "/models/"));
  EXPECT_FALSE(json::find(ours["paths"], "/models/probe/predict"));
  for (const auto* path : {"/classifier/predictions", "/api/login", "/predict"}) {
    EXPECT_FALSE(json::find(ours["paths"], path)) << path;
  }
}

// Written for the validator, which CTest runs after this.
TEST_F(ApiDocument, IsWrittenForTheValidator) {
  hosting::Description nothing;
  add("nothing", nothing, nullptr);
  std::ofstream file(BERTH_DOCUMENT_FILE);
  file << dialects::api_document(service_, "",
                                 {.others = {dialects::api_document_classifier(), dialects::api_document_deployments(),
                                             dialects::api_document_tabular()}});
  file.close();
  ASSERT_TRUE(file) << BERTH_DOCUMENT_FILE << " could not be written";
}

}  // namespace
}  // namespace berth::test
