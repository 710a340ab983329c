// SPDX-License-Identifier: Apache-2.0
#include "core/args.h"

#include <gtest/gtest.h>

namespace berth::core {
namespace {

struct Case {
  const char* spec;      // without its name
  const char* sent;      // JSON; a text in backquotes is a query's; several are separated by '|'
  const char* expected;  // the value as JSON, or the errors after '!'
};

// Names in gtest's output.
void PrintTo(const Case& c, std::ostream* out) { *out << c.spec << " ← " << c.sent; }

class ArgValue : public testing::TestWithParam<Case> {};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (auto bar = text.find('|'); bar != text.npos; bar = text.find('|')) {
    parts.emplace_back(text.substr(0, bar));
    text.remove_prefix(bar + 1);
  }
  parts.emplace_back(text);
  return parts;
}

json::Document parsed(std::string_view text) {
  auto document = json::parse(text, true);
  EXPECT_TRUE(document) << text;
  return document ? std::move(*document) : json::Document();
}

TEST_P(ArgValue, IsConvertedOrRefused) {
  const auto& param = GetParam();
  const std::string inner = *param.spec ? std::string(",") + param.spec : "";
  const auto specs = parse_arg_specs(R"([{"name":"x")" + inner + "}]");
  ASSERT_TRUE(specs) << specs.error().message;
  RawArgs raw;
  json::Document document;
  const std::string_view sent = param.sent;
  if (sent.starts_with('`')) {
    raw.values.emplace("x", split(sent.substr(1, sent.size() - 2)));
  } else {
    document = parsed(sent);
    raw.values.emplace("x", &document);
  }
  const auto checked = check_args(*specs, raw);
  const std::string_view expected = param.expected;
  if (expected.starts_with('!')) {
    ASSERT_FALSE(checked) << checked->json;
    EXPECT_EQ(parsed(checked.error().fields_json), parsed("{\"x\":" + std::string(expected.substr(1)) + "}"))
        << checked.error().fields_json;
  } else {
    ASSERT_TRUE(checked) << checked.error().fields_json;
    EXPECT_EQ(checked->json, "{\"x\":" + std::string(expected) + "}");
  }
}

constexpr auto kInt = R"("type":"int")";
constexpr auto kBadInt = R"(!["Not a valid integer."])";
INSTANTIATE_TEST_SUITE_P(Integers, ArgValue,
                         testing::ValuesIn(std::vector<Case>{
                             {kInt, "5", "5"},
                             {kInt, R"("5")", "5"},
                             {kInt, "` 5 `", "5"},
                             {kInt, "`+5`", "5"},
                             {kInt, "`-5`", "-5"},
                             {kInt, "`+-5`", kBadInt},
                             {kInt, "``", kBadInt},
                             {kInt, "1.9", "1"},
                             {kInt, "-1.9", "-1"},
                             {kInt, R"("1.9")", kBadInt},
                             {kInt, "`1.9`", kBadInt},
                             {kInt, "true", kBadInt},
                             {kInt, "[1]", kBadInt},
                             {kInt, "{}", kBadInt},
                             {kInt, "NaN", kBadInt},
                             {kInt, "Infinity", R"(!["Number too large."])"},
                             {kInt, "9223372036854775807", "9223372036854775807"},
                             {kInt, "9223372036854775808", R"(!["Number too large."])"},
                             {kInt, "`-9223372036854775809`", R"(!["Number too large."])"},
                             {kInt, "1e300", R"(!["Number too large."])"},
                             {kInt, "null", R"(!["Field may not be null."])"},
                             {R"("type":"int","nullable":true)", "null", "null"},
                             {R"("type":"int","default":null)", "null", "null"},
                             {R"("type":"int","strict":true)", "2", "2"},
                             {R"("type":"int","strict":true)", "2.0", kBadInt},
                             {R"("type":"int","strict":true)", "2.5", kBadInt},
                             {R"("type":"int","strict":true)", R"("2")", kBadInt},
                             {R"("type":"int","strict":true)", "`2`", "2"},
                             {R"("type":"int","min":0,"max":10)", "10", "10"},
                             {R"("type":"int","min":0,"max":10)", "99",
                              R"(!["Must be greater than or equal to 0 and less than or equal to 10."])"},
                             {R"("type":"int","min":3)", "2", R"(!["Must be greater than or equal to 3."])"},
                             {R"("type":"int","max":3)", "4", R"(!["Must be less than or equal to 3."])"},
                             {R"("type":"int","choices":[1,2])", "`2`", "2"},
                             {R"("type":"int","choices":[1,2])", "3", R"(!["Must be one of: 1, 2."])"},
                         }));

constexpr auto kFloat = R"("type":"float")";
constexpr auto kBadFloat = R"(!["Not a valid number."])";
constexpr auto kSpecial = R"(!["Special numeric values (nan or infinity) are not permitted."])";
INSTANTIATE_TEST_SUITE_P(Numbers, ArgValue,
                         testing::ValuesIn(std::vector<Case>{
                             {kFloat, "1.5", "1.5"},
                             {kFloat, "1", "1.0"},
                             {kFloat, R"("1e3")", "1000.0"},
                             {kFloat, "`+.5`", "0.5"},
                             {kFloat, "`5.`", "5.0"},
                             {kFloat, "`--5`", kBadFloat},
                             {kFloat, "`0x10`", kBadFloat},
                             {kFloat, "`nan(1)`", kBadFloat},
                             {kFloat, "``", kBadFloat},
                             {kFloat, "true", kBadFloat},
                             {kFloat, "[]", kBadFloat},
                             {kFloat, "NaN", kSpecial},
                             {kFloat, R"("nan")", kSpecial},
                             {kFloat, "`-Infinity`", kSpecial},
                             {kFloat, "`1e400`", kSpecial},
                             {kFloat, "`1e-400`", "0.0"},
                             {R"("type":"float","min":0.5)", "0.25", R"(!["Must be greater than or equal to 0.5."])"},
                             {R"("type":"float","choices":[1,2.5])", "`1`", "1.0"},
                         }));

constexpr auto kBool = R"("type":"bool")";
constexpr auto kBadBool = R"(!["Not a valid boolean."])";
INSTANTIATE_TEST_SUITE_P(Booleans, ArgValue,
                         testing::ValuesIn(std::vector<Case>{
                             {kBool, "true", "true"},      {kBool, "0", "false"},       {kBool, "1.0", "true"},
                             {kBool, "2", kBadBool},       {kBool, "`t`", "true"},      {kBool, "`TRUE`", "true"},
                             {kBool, "`True`", "true"},    {kBool, "`tRUE`", kBadBool}, {kBool, "`on`", "true"},
                             {kBool, "`Yes`", "true"},     {kBool, "`Y`", "true"},      {kBool, "`1`", "true"},
                             {kBool, "`off`", "false"},    {kBool, "`N`", "false"},     {kBool, "`No`", "false"},
                             {kBool, "`F`", "false"},      {kBool, "`0`", "false"},     {kBool, R"("false")", "false"},
                             {kBool, "`maybe`", kBadBool}, {kBool, "``", kBadBool},     {kBool, "[]", kBadBool},
                         }));

constexpr auto kStr = R"("type":"str")";
INSTANTIATE_TEST_SUITE_P(Texts, ArgValue,
                         testing::ValuesIn(std::vector<Case>{
                             {"", "`a`", R"("a")"},
                             {kStr, "``", R"("")"},
                             {kStr, "`first|second`", R"("first")"},
                             {kStr, "5", R"(!["Not a valid string."])"},
                             {kStr, "null", R"(!["Field may not be null."])"},
                             {R"("max_length":5)", "`äöüßé`", R"("äöüßé")"},
                             {R"("max_length":5)", "`abcdef`", R"(!["Longer than maximum length 5."])"},
                             {R"("min_length":2)", "`a`", R"(!["Shorter than minimum length 2."])"},
                             {R"("min_length":2,"max_length":3)", "`a`", R"(!["Length must be between 2 and 3."])"},
                             {R"("min_length":2,"max_length":2)", "`a`", R"(!["Length must be 2."])"},
                             {R"("choices":["foo","bar"])", "`bar`", R"("bar")"},
                             {R"("choices":["foo","bar"])", "`zzz`", R"(!["Must be one of: foo, bar."])"},
                             {R"("max_length":2,"choices":["a"])", "`zzz`",
                              R"(!["Longer than maximum length 2.","Must be one of: a."])"},
                         }));

constexpr auto kDate = R"("type":"date")";
constexpr auto kDatetime = R"("type":"datetime")";
constexpr auto kBadDate = R"(!["Not a valid date."])";
constexpr auto kBadDatetime = R"(!["Not a valid datetime."])";
INSTANTIATE_TEST_SUITE_P(Times, ArgValue,
                         testing::ValuesIn(std::vector<Case>{
                             {kDate, "`2020-01-02`", R"("2020-01-02")"},
                             {kDate, "`2020-2-29`", R"("2020-02-29")"},
                             {kDate, "`2021-02-29`", kBadDate},
                             {kDate, "`0000-01-01`", kBadDate},
                             {kDate, "`2020-01-02T03:04`", kBadDate},
                             {kDate, "20200102", kBadDate},
                             {kDatetime, "`2020-01-02T03:04:05`", R"("2020-01-02T03:04:05")"},
                             {kDatetime, "`2020-01-02 03:04`", R"("2020-01-02T03:04:00")"},
                             {kDatetime, "`2020-01-02T03:04:05.12Z`", R"("2020-01-02T03:04:05.120000+00:00")"},
                             {kDatetime, "`2020-01-02T03:04:05.123456789-0130`",
                              R"("2020-01-02T03:04:05.123456-01:30")"},
                             {kDatetime, "`2020-01-02T03:04+02`", R"("2020-01-02T03:04:00+02:00")"},
                             {kDatetime, "`2020-01-02T24:00`", kBadDatetime},
                             {kDatetime, "`2020-01-02T23:60`", kBadDatetime},
                             {kDatetime, "`2020-01-02T23:00:60`", kBadDatetime},
                             {kDatetime, "`2020-01-02T23:00+24:00`", kBadDatetime},
                             {kDatetime, "`2020-01-02T23:00:00 Z`", kBadDatetime},
                             {kDatetime, "`2020-01-02`", kBadDatetime},
                             {kDatetime, "``", kBadDatetime},
                         }));

constexpr auto kUrl = R"("type":"url")";
constexpr auto kUuid = R"("type":"uuid")";
constexpr auto kEmail = R"("type":"email")";
constexpr auto kBadUrl = R"(!["Not a valid URL."])";
constexpr auto kBadUuid = R"(!["Not a valid UUID."])";
constexpr auto kBadEmail = R"(!["Not a valid email address."])";
constexpr auto kSomeUuid = R"("6a0b4dd8-3ab2-4d8c-9a3f-5c9a36a3d2b1")";
INSTANTIATE_TEST_SUITE_P(Addresses, ArgValue,
                         testing::ValuesIn(std::vector<Case>{
                             {kUrl, "`http://example.org/x`", R"("http://example.org/x")"},
                             {kUrl, "`HTTPS://u:p@example.org:8080?q=1`", R"("HTTPS://u:p@example.org:8080?q=1")"},
                             {kUrl, "`http://localhost:5000`", R"("http://localhost:5000")"},
                             {kUrl, "`ftp://127.0.0.1/a`", R"("ftp://127.0.0.1/a")"},
                             {kUrl, "`http://[::1]:80/`", R"("http://[::1]:80/")"},
                             {kUrl, "`http://host/`", kBadUrl},
                             {kUrl, "`file:///etc/passwd`", kBadUrl},
                             {kUrl, "`http://exa mple.org`", kBadUrl},
                             {kUrl, "`http://example.org/a b`", kBadUrl},
                             {kUrl, "`http://example.org:x/`", kBadUrl},
                             {kUrl, "`http://-a.org/`", kBadUrl},
                             {kUrl, "`zz`", kBadUrl},
                             {kUrl, "5", R"(!["Not a valid string."])"},
                             {kUuid, "`6A0B4DD8-3AB2-4D8C-9A3F-5C9A36A3D2B1`", kSomeUuid},
                             {kUuid, "`{6a0b4dd83ab24d8c9a3f5c9a36a3d2b1}`", kSomeUuid},
                             {kUuid, "`urn:uuid:6a0b4dd8-3ab2-4d8c-9a3f-5c9a36a3d2b1`", kSomeUuid},
                             {kUuid, "`6a0b4dd8`", kBadUuid},
                             {kUuid, "5", kBadUuid},
                             {kEmail, "`a@b.co`", R"("a@b.co")"},
                             {kEmail, "`a.b+c@localhost`", R"("a.b+c@localhost")"},
                             {kEmail, R"("\"a@b\"@bücher.example")", R"("\"a@b\"@bücher.example")"},
                             {kEmail, "`a@[127.0.0.1]`", R"("a@[127.0.0.1]")"},
                             {kEmail, "`a@[300.0.0.1]`", kBadEmail},
                             {kEmail, "`a..b@b.co`", kBadEmail},
                             {kEmail, "`a@b`", kBadEmail},
                             {kEmail, "`@b.co`", kBadEmail},
                             {kEmail, "`zz`", kBadEmail},
                         }));

constexpr auto kInts = R"("type":"list","items":{"type":"int"})";
constexpr auto kDelimited = R"("type":"list","delimited":true,"items":{"type":"int"})";
constexpr auto kNested =
    R"("type":"nested","fields":[{"name":"a","type":"int","required":true},{"name":"bee","key":"b","default":"d"}])";
INSTANTIATE_TEST_SUITE_P(
    Containers, ArgValue,
    testing::ValuesIn(std::vector<Case>{
        {kInts, "`1|2`", "[1,2]"},
        {kInts, "`7`", "[7]"},
        {kInts, "[1,\"2\"]", "[1,2]"},
        {kInts, "5", "[5]"},
        {kInts, "[]", "[]"},
        {kInts, "[1,\"a\",null]", R"(!{"1":["Not a valid integer."],"2":["Field may not be null."]})"},
        {kInts, "`1,2`", R"(!{"0":["Not a valid integer."]})"},
        {kInts, "null", R"(!["Field may not be null."])"},
        {kDelimited, "`1,2,3`", "[1,2,3]"},
        {kDelimited, R"("1,2")", "[1,2]"},
        {kDelimited, "[4,5]", "[4,5]"},
        {kDelimited, "5", R"(!["Not a valid list."])"},
        {kDelimited, "`1,,2`", R"(!{"1":["Not a valid integer."]})"},
        {R"("type":"list")", R"([1,"a",{"b":null}])", R"([1,"a",{"b":null}])"},
        {R"("type":"list","max_length":2)", "`a|b|c`", R"(!["Longer than maximum length 2."])"},
        {R"("type":"dict")", R"({"a":{"b":[1]}})", R"({"a":{"b":[1]}})"},
        {R"("type":"dict")", R"({"a":NaN})", R"({"a":null})"},
        {R"("type":"dict")", "[1]", R"(!["Not a valid mapping type."])"},
        {R"("type":"dict")", "`{}`", R"(!["Not a valid mapping type."])"},
        {kNested, R"({"a":"1","b":"x","other":1})", R"({"a":1,"bee":"x"})"},
        {kNested, R"({"a":1})", R"({"a":1,"bee":"d"})"},
        {kNested, R"({"b":1})", R"(!{"b":["Not a valid string."],"a":["Missing data for required field."]})"},
        {kNested, "5", R"(!{"_schema":["Invalid input type."]})"},
        {kNested, "`x`", R"(!{"_schema":["Invalid input type."]})"},
        {R"("type":"list","items":{"type":"nested","fields":[{"name":"a","required":true}]})", R"([{"a":"1"},{}])",
         R"(!{"1":{"a":["Missing data for required field."]}})"},
    }));

TEST(CheckArgs, NamesEveryBadArgumentByItsKeyAndAppliesDefaults) {
  const auto specs = parse_arg_specs(
      R"([{"name":"a","key":"a-key","required":true},{"name":"n","type":"int"},{"name":"d","default":"x"},{"name":"o"}])");
  ASSERT_TRUE(specs) << specs.error().message;
  RawArgs raw;
  raw.values.emplace("n", std::vector<std::string>{"x"});
  const auto bad = check_args(*specs, raw);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Code::invalid_argument);
  EXPECT_EQ(bad.error().fields_json, R"({"a-key":["Missing data for required field."],"n":["Not a valid integer."]})");

  raw.values.clear();
  raw.values.emplace("a-key", std::vector<std::string>{"1"});
  raw.values.emplace("unknown", std::vector<std::string>{"1"});
  const auto good = check_args(*specs, raw);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->json, R"({"a":"1","d":"x"})");
}

TEST(CheckArgs, TakesOnlyTheFilesOfDeclaredArgumentsInTheirOrder) {
  const auto specs =
      parse_arg_specs(R"([{"name":"mask","type":"file"},{"name":"image","type":"file","required":true}])");
  ASSERT_TRUE(specs) << specs.error().message;
  RawArgs raw;
  raw.files = {{"image", "1.png", "image/png", {}}, {"other", "2.png", "image/png", {}}, {"image", "3.png", "", {}}};
  const auto good = check_args(*specs, raw);
  ASSERT_TRUE(good);
  ASSERT_EQ(good->files.size(), 2U);
  EXPECT_EQ(good->files[0].file_name, "1.png");
  EXPECT_EQ(good->files[1].file_name, "3.png");
  EXPECT_EQ(good->json, "{}");

  raw.files.clear();
  const auto missing = check_args(*specs, raw);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fields_json, R"({"image":["Missing data for required field."]})");
}

// The one list argument `list` of that spec, sent as a text, or as JSON.
Result<CheckedArgs> check_list(const std::string& inner, const RawValue& sent) {
  const auto specs = parse_arg_specs(R"([{"name":"list","type":"list",)" + inner + "}]");
  EXPECT_TRUE(specs) << specs.error().message;
  RawArgs raw;
  raw.values.emplace("list", sent);
  return check_args(*specs, raw);
}

TEST(CheckArgs, NamesAHundredWrongElementsOfAListAndNoMore) {
  std::string text = "[1";
  for (int i = 0; i < 5'000; ++i) text += ",\"x\"";
  const auto sent = parsed(text + "]");
  const auto checked = check_list(R"("items":{"type":"int"})", &sent);
  ASSERT_FALSE(checked);
  const auto errors = parsed(checked.error().fields_json);
  EXPECT_EQ(errors["list"].MemberCount(), 100U);
  EXPECT_TRUE(errors["list"].HasMember("1"));
  EXPECT_TRUE(errors["list"].HasMember("100"));
}

TEST(CheckArgs, ATextHasAsManyElementsAsJsonMayHave) {
  constexpr auto kDelimitedTexts = R"("delimited":true)";
  EXPECT_TRUE(check_list(kDelimitedTexts, std::vector{std::string(999'999, ',')}));
  const auto checked = check_list(kDelimitedTexts, std::vector{std::string(1'000'000, ',')});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fields_json, R"({"list":["Longer than maximum length 1000000."]})");
}

struct BadSpecs {
  const char* json;
  const char* reason;
};
class RefusedSpecs : public testing::TestWithParam<BadSpecs> {};

TEST_P(RefusedSpecs, SayWhichArgumentAndWhy) {
  const auto specs = parse_arg_specs(GetParam().json);
  ASSERT_FALSE(specs);
  EXPECT_EQ(specs.error().code, Code::invalid_argument);
  EXPECT_NE(specs.error().message.find(GetParam().reason), std::string::npos) << specs.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedSpecs,
    testing::ValuesIn(std::vector<BadSpecs>{
        {"{", "no JSON"},
        {"{}", "must be an array"},
        {"[1]", "must be an object"},
        {R"([{"type":"str"}])", "without a name"},
        {R"([{"name":"files"}])", "argument 'files': 'files' and 'urls' are the input"},
        {R"([{"name":"urls"}])", "'files' and 'urls'"},
        {R"([{"name":"x","key":"urls"}])", "'files' and 'urls'"},
        {R"([{"name":"a"},{"name":"a"}])", "'a' is there twice"},
        {R"([{"name":"a"},{"name":"b","key":"a"}])", "the key 'a' is there twice"},
        {R"([{"name":"a","type":"string"}])", "unknown type 'string'"},
        {R"([{"name":"a","typ":"str"}])", "unknown member 'typ'"},
        {R"([{"name":"a","source":"cookie"}])", "unknown source 'cookie'"},
        {R"([{"name":"a","required":1}])", "'required' must be true or false"},
        {R"([{"name":"a","required":true,"default":"x"}])", "has no default"},
        {R"([{"name":"a","type":"int","default":"x"}])",
         R"(default "x" does not satisfy it: ["Not a valid integer."])"},
        {R"([{"name":"a","type":"int","default":11,"max":10}])", "default 11 does not satisfy it"},
        {R"([{"name":"a","choices":["b"],"default":"c"}])", "Must be one of: b."},
        {R"([{"name":"a","choices":[]}])", "'choices' must be an array that is not empty"},
        {R"([{"name":"a","type":"int","choices":["x"]}])", "choice \"x\" does not satisfy it"},
        {R"([{"name":"a","min":1}])", "'min' does not fit the type 'str'"},
        {R"([{"name":"a","type":"int","max_length":1}])", "'max_length' does not fit"},
        {R"([{"name":"a","max_length":-1}])", "not negative"},
        {R"([{"name":"a","type":"nested"}])", "needs 'fields'"},
        {R"([{"name":"a","type":"nested","fields":[{"name":"b","type":"file"}]}])",
         "argument 'a': argument 'b': files"},
        {R"([{"name":"a","type":"list","items":{"type":"list"}}])", "a list of these is not possible"},
        {R"([{"name":"a","type":"list","source":"header"}])", "a header holds only a scalar"},
        {R"([{"name":"a","type":"file","default":"x"}])", "'default' does not fit the type 'file'"},
    }));

}  // namespace
}  // namespace berth::core
