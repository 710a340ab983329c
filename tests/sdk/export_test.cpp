// SPDX-License-Identifier: Apache-2.0
// What the export macros make: names, tables, an entry that is constant data.
#include "berth/export.h"

#include <gtest/gtest.h>

#include "recording_host.h"

namespace lib {

berth::Metadata get_metadata() { return {.name = "f"}; }
berth::Response predict_data(const berth::Args& args) { return berth::Json(args.integer("n") + 1); }
berth::Response train(const berth::Args&, const berth::Host& host) {
  host.info("trains");
  return berth::Json("trained");
}

class PlainModel : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "plain"}; }
};
class NamedModel : public PlainModel {
 public:
  static constexpr const char* kName = "named-by-itself";
};

}  // namespace lib

// The order is free.
BERTH_EXPORT_FUNCTIONS(by_functions, lib::train, lib::predict_data, lib::get_metadata)

namespace berth::test {
namespace {

std::string snake(std::string_view name) { return detail::snake_case(name).data(); }

TEST(Names, OfClassesBecomeSnakeCase) {
  EXPECT_EQ(snake("Greeter"), "greeter");
  EXPECT_EQ(snake("ImageClassifier"), "image_classifier");
  EXPECT_EQ(snake("HTTPProbe2"), "http_probe2");
  EXPECT_EQ(snake("Already_Snake"), "already_snake");
  EXPECT_EQ(snake("A"), "a");
  EXPECT_EQ(snake(std::string(200, 'A')).size(), 64u);
}

TEST(Names, AreTakenFromAList) {
  EXPECT_EQ(detail::nth_name("a::b::First, &Second ,Third", 0), "First");
  EXPECT_EQ(detail::nth_name("a::b::First, &Second ,Third", 1), "Second");
  EXPECT_EQ(detail::nth_name("a::b::First, &Second ,Third", 2), "Third");
  EXPECT_EQ(detail::nth_name("First", 1), "");
}

TEST(Names, OfModelsAreChecked) {
  EXPECT_TRUE(detail::is_model_name("deepaas-test"));
  EXPECT_TRUE(detail::is_model_name("2d_model"));
  EXPECT_FALSE(detail::is_model_name(""));
  EXPECT_FALSE(detail::is_model_name("-a"));
  EXPECT_FALSE(detail::is_model_name("A"));
  EXPECT_FALSE(detail::is_model_name("a/b"));
  EXPECT_FALSE(detail::is_model_name(std::string(65, 'a')));
}

struct TwoNames {
  static constexpr std::string_view text() { return "lib::PlainModel, lib::NamedModel"; }
  static constexpr const char* library() { return "two"; }
};
struct OneName {
  static constexpr std::string_view text() { return "lib::PlainModel"; }
  static constexpr const char* library() { return "the_library"; }
};
struct NoLibraryName : OneName {
  static constexpr const char* library() { return ""; }
};

TEST(Export, SeveralModelsAreNamedByClassOrByThemselves) {
  static constexpr berth_plugin kPlugin = detail::Tables<TwoNames, lib::PlainModel, lib::NamedModel>::plugin();
  EXPECT_STREQ(kPlugin.name, "two");
  EXPECT_EQ(kPlugin.size, sizeof(berth_plugin));
  EXPECT_EQ(kPlugin.abi_version, BERTH_ABI_VERSION);
  EXPECT_STREQ(kPlugin.sdk_version, BERTH_SDK_VERSION);
  ASSERT_EQ(kPlugin.model_count, 2u);
  EXPECT_STREQ(kPlugin.models[0]->name, "plain_model");
  EXPECT_STREQ(kPlugin.models[1]->name, "named-by-itself");
}

TEST(Export, ALoneModelIsNamedAsItsLibrary) {
  static constexpr berth_plugin kPlugin = detail::Tables<OneName, lib::PlainModel>::plugin();
  EXPECT_STREQ(kPlugin.name, "the_library");
  EXPECT_STREQ(kPlugin.models[0]->name, "the_library");
}

TEST(Export, WithoutALibraryNameTheClassNamesBoth) {
  static constexpr berth_plugin kPlugin = detail::Tables<NoLibraryName, lib::PlainModel>::plugin();
  EXPECT_STREQ(kPlugin.name, "plain_model");
  EXPECT_STREQ(kPlugin.models[0]->name, "plain_model");
}

TEST(Export, FunctionsBecomeAModelWithThoseMethodsAlone) {
  const berth_model_type& type = *berth_plugin_entry.models[0];
  EXPECT_STREQ(berth_plugin_entry.name, "by_functions");
  EXPECT_STREQ(type.name, "by_functions");
  EXPECT_EQ(type.predict_url, nullptr);
  EXPECT_EQ(type.predict_batch, nullptr);
  EXPECT_EQ(type.warm, nullptr);
  EXPECT_EQ(type.get_test_args, nullptr);
  Loaded model(type);
  Outcome predicted, trained, metadata;
  model.predict(predicted, R"({"n":1})");
  EXPECT_EQ(predicted.body, "2");
  model.train(trained);
  EXPECT_EQ(trained.body, "\"trained\"");
  EXPECT_EQ(model.host.logs, std::vector<std::string>{"2 trains"});
  model.ask(type.get_metadata, metadata);
  EXPECT_EQ(metadata.body, R"({"name":"f"})");
}

}  // namespace
}  // namespace berth::test
