// SPDX-License-Identifier: Apache-2.0
// Where we answer otherwise than the recorded servers, and why. docs/api.md tells users.
#include <array>

#include "dialects/transcript.h"

namespace berth::test {
namespace {

constexpr std::string_view kV1 = "v1_transcript.txt";
constexpr std::string_view kTest = "v2_deepaas-test.transcript.txt";
constexpr std::string_view kProbe = "v2_probe.transcript.txt";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kJson200 = "application/json; charset=utf-8";
constexpr std::string_view kText = "text/plain; charset=utf-8";

constexpr std::string_view kFailed = R"({"message":"Internal Server Error","request_id":""})";
constexpr std::string_view kNotImplemented =
    R"json({"message":"Not implemented by underlying model (loaded 'deepaas-test')"})json";
constexpr std::string_view kRunning = R"({"date":"","args":{"sleep":8.0,"fail":false},"uuid":"","status":"running"})";
constexpr std::string_view kCancelled =
    R"({"date":"","args":{"sleep":8.0,"fail":false},"uuid":"","status":"cancelled"})";

constexpr std::string_view kNamesTheModel = "the message of 501 names the model";
constexpr std::string_view kSlash = "a path is served with and without its trailing slash, without a redirect";
constexpr std::string_view kHead = "HEAD is served wherever GET is";
constexpr std::string_view kSlashes = "repeated slashes are not a path that exists; no redirect either";
constexpr std::string_view kRequestId = "a failure is JSON with the request's id, so that it can be found in the log";
constexpr std::string_view kNan = "a number that is not finite is null: NaN is no JSON";
constexpr std::string_view kList = "an argument that Python could not write as JSON does not break the list for good";
constexpr std::string_view kCancel = "a running training can be cancelled, and its record is kept";

constexpr std::array kDifferences{
    Difference{kV1, "-X PUT /models/deepaas-test/train", 501, kJson, kNotImplemented, kNamesTheModel},
    Difference{kV1, "-F data=@img.jpg /models/deepaas-test/predict", 501, kJson, kNotImplemented, kNamesTheModel},
    Difference{kV1, "-d url=http://example.org/ *", 501, kJson, kNotImplemented, kNamesTheModel},
    Difference{kV1, "-X POST /models/deepaas-test/predict?url=http://e.org", 501, kJson, kNotImplemented,
               kNamesTheModel},
    Difference{kV1, R"(-H Content-Type: application/json -d {"url":"http://e.org"} /models/deepaas-test/predict)", 501,
               kJson, kNotImplemented, kNamesTheModel},
    Difference{kV1, "-F data=@img.jpg /models/v1demo/predict?must=q&thr=boom", 500, kJson, kFailed, kRequestId},

    Difference{kTest, "-X POST /v2/models/deepaas-test/predict", 422, kJson,
               R"({"data":["Missing data for required field."],"parameter":["Missing data for required field."]})",
               kSlash},
    Difference{kTest, "-I /v2/models/", 200, kJson200, "*", kHead},
    Difference{kTest, "//v2//models/", 404, kText, "404: Not Found", kSlashes},

    Difference{kProbe, R"(-H Content-Type: application/json -d {"mode":"boom"}*)", 500, kJson, kFailed, kRequestId},
    Difference{kProbe, R"(-H Content-Type: application/json -d {"mode":"notimpl"}*)", 500, kJson, kFailed, kRequestId},
    Difference{kProbe, R"(-H Content-Type: application/json -d {"mode":"bytes"}*)", 500, kJson, kFailed, kRequestId},
    Difference{kProbe, R"(-H Content-Type: application/json -d {"mode":"obj"}*)", 500, kJson, kFailed, kRequestId},
    Difference{kProbe, R"(-H Content-Type: application/json -d {"mode":"nan"}*)", 200, kJson200,
               R"({"status":"OK","predictions":null})", kNan},
    Difference{kProbe, "/v2/models/probe/train/", 200, kJson200, "*", kList},
    Difference{kProbe, "/v2/models/probe/train/406ffb098fe64c8f977b2e1bcfc0087e/", 200, kJson200, kRunning, kSlash},
    Difference{kProbe, "-X DELETE /v2/models/probe/train/d21e7a0d95ca4c548e2cdbb615846bf9", 200, kJson200, kCancelled,
               kCancel},
    Difference{kProbe, "/v2/models/probe/train/d21e7a0d95ca4c548e2cdbb615846bf9", 200, kJson200, kCancelled, kCancel},
};

}  // namespace

std::span<const Difference> deepaas_differences() { return kDifferences; }

}  // namespace berth::test
