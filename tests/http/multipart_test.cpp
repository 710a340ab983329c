// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <string>

#include "http/body.h"

namespace berth::http {
namespace {

using testing::HasSubstr;

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

Result<std::vector<Part>> parse(std::string body, std::string_view type = kType, MultipartLimits limits = {}) {
  return parse_multipart(Bytes(std::move(body)), type, limits);
}

std::string part(std::string_view disposition, std::string_view body, std::string_view more = "") {
  return "--XX\r\nContent-Disposition: " + std::string(disposition) + "\r\n" + std::string(more) + "\r\n" +
         std::string(body) + "\r\n";
}

TEST(Multipart, SplitsFieldsAndFilesWithoutCopying) {
  const Bytes body(
      part("form-data; name=\"k\"", "5") +
      part("form-data; name=\"data\"; filename=\"a.png\"", "\x89PNG\r\n--X\r\n\r\n", "Content-Type: image/png\r\n") +
      part("form-data; name=empty; filename=\"\"", "") + "--XX--\r\n");
  const auto parts = parse_multipart(body, kType, {});
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ(parts->at(0).name, "k");
  EXPECT_FALSE(parts->at(0).is_file);
  EXPECT_EQ(parts->at(0).bytes.view(), "5");
  EXPECT_TRUE(parts->at(1).is_file);
  EXPECT_EQ(parts->at(1).file_name, "a.png");
  EXPECT_EQ(parts->at(1).content_type, "image/png");
  EXPECT_EQ(parts->at(1).bytes.view(), "\x89PNG\r\n--X\r\n\r\n");
  EXPECT_GE(parts->at(1).bytes.data(), body.data());
  EXPECT_LT(parts->at(1).bytes.data(), body.data() + body.size());
  EXPECT_TRUE(parts->at(2).is_file);
  EXPECT_TRUE(parts->at(2).bytes.empty());
}

TEST(Multipart, PartsKeepTheBodyAlive) {
  std::vector<Part> parts;
  {
    auto parsed = parse(part("form-data; name=a", std::string(100'000, 'x')) + "--XX--");
    ASSERT_TRUE(parsed);
    parts = *std::move(parsed);
  }
  EXPECT_EQ(parts.at(0).bytes.view(), std::string(100'000, 'x'));
}

TEST(Multipart, AcceptsAnEmptyFormQuotedBoundariesAndPadding) {
  EXPECT_TRUE(parse("--XX--")->empty());
  EXPECT_EQ(parse("\r\n--a b:?  \r\nContent-Disposition: form-data; name=n\r\n\r\nv\r\n--a b:?--  \r\n",
                  "Multipart/Form-Data; charset=utf-8; boundary=\"a b:?\"")
                ->at(0)
                .bytes.view(),
            "v");
}

TEST(Multipart, ReadsFileNamesAsLabels) {
  const auto name_of = [](const std::string& params) {
    const auto parts = parse(part("form-data; name=f; " + params, "x") + "--XX--");
    return parts ? parts->at(0).file_name : "error: " + parts.error().message;
  };
  EXPECT_EQ(name_of("filename=\"../../etc/passwd\""), "passwd");
  EXPECT_EQ(name_of("filename=\"C:\\Users\\me\\x.png\""), "x.png");
  EXPECT_EQ(name_of("filename=\"a\\\"b.png\""), "a\"b.png");
  EXPECT_EQ(name_of("filename=\"..\""), "");
  EXPECT_EQ(name_of("filename=\"dir/\""), "");
  EXPECT_EQ(name_of("filename=\"caf\xe9.png\""), "café.png");
  EXPECT_EQ(name_of("filename=\"x.png\"; filename*=UTF-8'en'%e2%82%ac%20rates.png"), "€ rates.png");
  EXPECT_EQ(name_of("filename*=utf-8''..%2F..%2Fa%0Ab"), "a_b");
  EXPECT_THAT(name_of("filename*=utf-8''%ff"), HasSubstr("error: "));
  EXPECT_THAT(name_of("filename*=utf-8''%00"), HasSubstr("error: "));
  EXPECT_THAT(name_of("filename*=koi8-r''x"), HasSubstr("charset"));
  EXPECT_THAT(name_of("filename*=x"), HasSubstr("filename*"));
}

struct BadCase {
  const char* name;
  std::string body;
  const char* message;
};

class BadMultipart : public testing::TestWithParam<BadCase> {};

TEST_P(BadMultipart, IsRefusedWithTheReason) {
  const auto parts = parse(GetParam().body);
  ASSERT_FALSE(parts);
  EXPECT_EQ(parts.error().code, Code::invalid_argument);
  EXPECT_THAT(parts.error().message, HasSubstr(GetParam().message));
}

const std::string kGood = part("form-data; name=a", "v");

INSTANTIATE_TEST_SUITE_P(
    All, BadMultipart,
    testing::Values(
        BadCase{"Empty", "", "does not begin"}, BadCase{"Preamble", "hello\r\n" + kGood + "--XX--", "does not begin"},
        BadCase{"NoFinalBoundary", kGood, "final boundary is missing"},
        BadCase{"CutInTheFinalBoundary", kGood + "--XX", "goes on"},
        BadCase{"CutInTheFinalDashes", kGood + "--XX-", "goes on"},
        BadCase{"CutInAPart", kGood.substr(0, kGood.size() - 3), "final boundary is missing"},
        BadCase{"Epilogue", kGood + "--XX--\r\nmore", "after the final boundary"},
        BadCase{"LongerBoundary", kGood + "--XXX\r\n\r\n--XX--", "goes on"},
        BadCase{"BareLineFeeds", "--XX\nContent-Disposition: form-data; name=a\n\nv\n--XX--", "goes on"},
        BadCase{"NoName", part("form-data", "v") + "--XX--", "no name"},
        BadCase{"EmptyName", part("form-data; name=\"\"", "v") + "--XX--", "no name"},
        BadCase{"NameNotUtf8", part("form-data; name=\"\xff\"", "v") + "--XX--", "UTF-8"},
        BadCase{"TwoNames", part("form-data; name=a; name=b", "v") + "--XX--", "repeats name"},
        BadCase{"TwoFileNames", part("form-data; name=a; filename=b; filename=c", "v") + "--XX--", "repeats"},
        BadCase{"NoDisposition", "--XX\r\nContent-Type: text/plain\r\n\r\nv\r\n--XX--", "no Content-Disposition"},
        BadCase{"NoHeaders", "--XX\r\n\r\nv\r\n--XX--", "header"},
        BadCase{"TwoDispositions",
                part("form-data; name=a", "v", "Content-Disposition: form-data; name=b\r\n") + "--XX--", "two"},
        BadCase{"OtherDisposition", part("attachment; name=a", "v") + "--XX--", "not form-data"},
        BadCase{"FoldedHeader", part("form-data; name=a;\r\n filename=x", "v") + "--XX--", "malformed"},
        BadCase{"SpaceBeforeColon", part("form-data; name=a", "v", "X : y\r\n") + "--XX--", "malformed"},
        BadCase{"NoColon", part("form-data; name=a", "v", "X\r\n") + "--XX--", "malformed"},
        BadCase{"ControlInContentType", part("form-data; name=a", "v", "Content-Type: a\x01\r\n") + "--XX--",
                "Content-Type"},
        BadCase{"Base64", part("form-data; name=a", "v", "Content-Transfer-Encoding: base64\r\n") + "--XX--",
                "Content-Transfer-Encoding"},
        BadCase{"LongHeader", part("form-data; name=a", "v", "X: " + std::string(10'000, 'x') + "\r\n") + "--XX--",
                "too long"}),
    [](const auto& bad) { return std::string(bad.param.name); });

TEST(Multipart, RefusesBadBoundaries) {
  for (const auto* type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a\xff\"",
        "multipart/mixed; boundary=XX", "application/json", "",
        "multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890"}) {
    const auto parts = parse("--XX--", type);
    ASSERT_FALSE(parts) << type;
    EXPECT_EQ(parts.error().code, Code::invalid_argument) << type;
  }
}

TEST(Multipart, CountsParts) {
  std::string body;
  for (int i = 0; i < 4; ++i) body += kGood;
  EXPECT_TRUE(parse(body + "--XX--", kType, {.max_parts = 4}));
  const auto refused = parse(body + "--XX--", kType, {.max_parts = 3});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::too_large);
}

TEST(Multipart, FindsABoundaryThatIsAlmostEverywhere) {
  std::string almost;
  while (almost.size() < 4'000'000) almost += "\r\n--X\r\n-";
  const auto parts = parse(part("form-data; name=f; filename=x", almost) + "--XX--");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at(0).bytes.size(), almost.size());
}

}  // namespace
}  // namespace berth::http
