// SPDX-License-Identifier: Apache-2.0
// What the transcripts do not show of V2: our model interface, errors, files, base path, asynchrony.
#include "dialects/deepaas_v2.h"

#include "base/log.h"
#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kForm = "multipart/form-data; boundary=b";
constexpr auto kPath = "/v2/models/m/predict/";

std::string upload(const std::string& field, const std::string& content = "x") {
  return "--b\r\nContent-Disposition: form-data; name=\"" + field +
         "\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n" + content + "\r\n--b--\r\n";
}

class DeepaasV2 : public DialectTest {
 protected:
  void add_answering(Result<hosting::Output> output, hosting::Description description = {}) {
    if (!description.has_predict_url) description.has_predict_data = true;
    add("m", std::move(description), [this, output](hosting::Call call, const hosting::OnOutcome& on_outcome) {
      calls_.push_back(std::move(call));
      on_outcome({output, {}, "1"});
    });
    open();
  }
  std::string text(const http::Response& response) { return std::string(response.body.view()); }

  std::vector<hosting::Call> calls_;
};

TEST_F(DeepaasV2, ShowsVersionsWithLinksBelowTheBasePath) {
  open({.base_path = "/x"});
  const std::string version =
      R"({"version":"stable","id":"v2","links":[{"rel":"self","type":"application/json","href":"/x/v2/"}]})";
  // The server's own page is that of the Open Inference Protocol as well.
  const auto merged = version.substr(0, version.size() - 1) +
                      R"(,"name":"berth","extensions":["binary_tensor_data","model_repository","statistics"]})";
  EXPECT_EQ(text(ask("GET", "/x/v2/")), merged);
  EXPECT_EQ(text(ask("GET", "/x/")),
            "{\"versions\":[" + version +
                R"(],"links":[{"rel":"help","type":"text/html","href":"/x/api"},)"
                R"({"rel":"describedby","type":"application/json","href":"/x/swagger.json"}]})");
  EXPECT_EQ(text(ask("GET", "/x/v2")), merged);
  EXPECT_EQ(ask("GET", "/v2/").status, 404);
}

TEST_F(DeepaasV2, MetadataHasNoMemberThatIsTheServersOwn) {
  hosting::Description description;
  description.metadata_json = R"({"name":"M","berth":{"takes_files":false},"free":1})";
  add_answering(hosting::json_output("1"), description);
  EXPECT_EQ(text(ask("GET", "/v2/models/m/")),
            R"({"id":"m","name":"M","links":[{"rel":"self","href":"/v2/models/m"}],"free":1,"versions":["1"],)"
            R"("platform":"berth","inputs":[],"outputs":[]})");
}

TEST_F(DeepaasV2, AModelForDataNeedsFilesAndGetsAllOfThem) {
  add_answering(hosting::json_output("1"));
  const auto refused = ask("POST", kPath);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(text(refused), R"({"data":["Missing data for required field."]})");
  const auto two = upload("data", "one");
  const auto answer = ask("POST", kPath, kForm, two.substr(0, two.size() - 5) + "\r\n" + upload("data", "two"));
  EXPECT_EQ(text(answer), R"({"status":"OK","predictions":1})");
  ASSERT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_[0].method, hosting::Method::predict_data);
  ASSERT_EQ(calls_[0].files.size(), 2U);
  EXPECT_EQ(calls_[0].files[1].bytes.view(), "two");
  EXPECT_EQ(calls_[0].files[0].content_type, "image/png");
}

TEST_F(DeepaasV2, AModelForUrlsNeedsUrls) {
  hosting::Description description;
  description.has_predict_url = true;
  add_answering(hosting::json_output("1"), description);
  EXPECT_EQ(text(ask("POST", kPath)), R"({"urls":["Missing data for required field."]})");
  EXPECT_EQ(ask("POST", kPath, "application/json", R"({"urls":["http://a.org/1","http://a.org/2"]})").status, 200);
  EXPECT_EQ(ask("POST", std::string(kPath) + "?urls=u1&urls=u2").status, 200);
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(calls_[0].method, hosting::Method::predict_url);
  EXPECT_EQ(calls_[1].urls, (std::vector<std::string>{"u1", "u2"}));
}

TEST_F(DeepaasV2, AModelForBothNeedsExactlyOne) {
  hosting::Description description;
  description.has_predict_data = description.has_predict_url = true;
  add_answering(hosting::json_output("1"), description);
  const auto neither = ask("POST", kPath);
  EXPECT_EQ(neither.status, 422);
  EXPECT_THAT(text(neither), HasSubstr("Exactly one of 'data' and 'urls'"));
  EXPECT_EQ(ask("POST", std::string(kPath) + "?urls=u1", kForm, upload("data")).status, 422);
  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(ask("POST", kPath, kForm, upload("data")).status, 200);
  EXPECT_EQ(ask("POST", std::string(kPath) + "?urls=u1").status, 200);
  EXPECT_EQ(calls_.at(0).method, hosting::Method::predict_data);
  EXPECT_EQ(calls_.at(1).method, hosting::Method::predict_url);
}

TEST_F(DeepaasV2, AModelThatTakesNoFileNeedsNone) {
  hosting::Description description;
  description.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  description.test_args_json = R"([{"name":"age","type":"int","required":true}])";
  add_answering(hosting::json_output("1"), description);
  EXPECT_EQ(text(ask("POST", kPath)), R"({"age":["Missing data for required field."]})");
  EXPECT_EQ(ask("POST", kPath, "application/json", R"({"age":3})").status, 200);
}

TEST_F(DeepaasV2, ReportsBadInputAndBadArgumentsTogether) {
  hosting::Description description;
  description.test_args_json = R"([{"name":"n","type":"int"}])";
  add_answering(hosting::json_output("1"), description);
  EXPECT_EQ(text(ask("POST", std::string(kPath) + "?n=x")),
            R"({"data":["Missing data for required field."],"n":["Not a valid integer."]})");
}

struct ErrorCase {
  Error error;
  int status;
  const char* body;
};

TEST_F(DeepaasV2, MapsEachKindOfFailure) {
  const ErrorCase cases[] = {
      {{Code::internal, "secret"}, 500, R"({"message":"Internal Server Error","request_id":"transcript"})"},
      {{.code = Code::internal, .message = "no face", .model_status = 422}, 422, R"({"message":"no face",)"},
      {{.code = Code::internal, .message = "mine", .model_status = 500}, 500, R"({"message":"mine",)"},
      {{.code = Code::internal, .message = "secret", .model_status = 200}, 500, R"({"message":)"},
      {{Code::timeout, "too slow"}, 504, R"({"message":"too slow",)"},
      {{Code::too_large, "too large"}, 413, R"({"message":"too large",)"},
      {{Code::busy, "full"}, 503, R"({"message":"full",)"},
      {{Code::unavailable, "dead"}, 503, R"({"message":"The model is not available",)"},
      {{Code::cancelled, "drained"}, 503, R"({"message":"drained",)"},
  };
  for (const auto& [error, status, body] : cases) {
    registry_.listings.clear();
    add_answering(tl::unexpected<Error>(error));
    const auto response = ask("POST", kPath, kForm, upload("data"));
    EXPECT_EQ(response.status, status) << error.message;
    EXPECT_THAT(text(response), HasSubstr(body));
    EXPECT_EQ(header(response, "Retry-After").empty(), status != 503) << error.message;
  }
}

TEST_F(DeepaasV2, AnswersNotImplementedWithABody) {
  registry_.add(empty_model("m"));
  open();
  const auto response = ask("POST", kPath);
  EXPECT_EQ(response.status, 501);
  EXPECT_EQ(text(response),
            R"j({"message":"Not implemented by underlying model (loaded 'm')","request_id":"transcript"})j");
  EXPECT_EQ(ask("POST", "/v2/models/m/train/").status, 501);
}

TEST_F(DeepaasV2, AModelThatCouldNotBeLoadedIsUnavailable) {
  hosting::Listing listing;
  listing.name = "m";
  registry_.listings.push_back(listing);
  open();
  EXPECT_EQ(ask("GET", "/v2/models/m").status, 503);
  EXPECT_EQ(ask("POST", kPath).status, 503);
  EXPECT_EQ(text(ask("GET", "/v2/models/")), R"({"models":[]})");
}

TEST_F(DeepaasV2, PredictionsCanBeSwitchedOff) {
  add_answering(hosting::json_output("1"));
  open({.predict_enabled = false});
  const auto response = ask("POST", kPath, kForm, upload("data"));
  EXPECT_EQ(response.status, 402);
  EXPECT_EQ(text(response), "402: Payment Required");
  EXPECT_TRUE(calls_.empty());
}

TEST_F(DeepaasV2, AFileKeepsItsTypeAndABadTypeReachesNoHeader) {
  add_answering(hosting::file_output("text/csv; charset=utf-8", "a,b", "out.csv"));
  const auto good = ask("POST", kPath, kForm, upload("data"));
  EXPECT_EQ(header(good, "Content-Type"), "text/csv; charset=utf-8");
  EXPECT_EQ(header(good, "Content-Disposition"), "inline; filename=\"out.csv\"");
  registry_.listings.clear();
  add_answering(hosting::file_output("text/csv\r\nSet-Cookie: a=b", "a,b", "a\"\r\nb"));
  const auto bad = ask("POST", kPath, kForm, upload("data"));
  EXPECT_EQ(header(bad, "Content-Type"), "application/octet-stream");
  EXPECT_EQ(header(bad, "Content-Disposition"), "");
}

struct AcceptCase {
  const char* header;
  const char* chosen;  // what the model sees; null: 422
};

TEST_F(DeepaasV2, NegotiatesAnAcceptHeaderThatHasWeightsOrWildcards) {
  hosting::Description description;
  description.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  description.test_args_json =
      R"([{"name":"accept","source":"header","choices":["application/json","text/plain","image/png"]}])";
  add_answering(hosting::text_output("x"), description);
  const AcceptCase cases[] = {
      {"*/*", "application/json"},
      {"image/*", "image/png"},
      {"text/html, image/png;q=0.4, text/*;q=0.9, */*;q=0.1", "text/plain"},
      {"text/html,application/xhtml+xml,*/*;q=0.8", "application/json"},
      {"application/json;q=0, */*", "text/plain"},
      {"text/html;q=0.9", nullptr},
      {"*/*;q=0", nullptr},
      {"IMAGE/PNG", nullptr},  // as recorded: nothing to weigh
      {"application/json, text/plain", nullptr},
  };
  for (const auto& [accept, chosen] : cases) {
    calls_.clear();
    Exchange exchange;
    exchange.method = "POST";
    exchange.target = kPath;
    exchange.headers = {{"Accept", accept}};
    const auto response = ask(to_request(exchange));
    EXPECT_EQ(response.status, chosen ? 200 : 422) << accept;
    ASSERT_EQ(calls_.size(), chosen ? 1U : 0U) << accept;
    if (!chosen) continue;
    EXPECT_EQ(calls_[0].args_json, std::string(R"({"accept":")").append(chosen).append(R"("})")) << accept;
    const bool as_json = std::string_view(chosen) == "application/json";
    EXPECT_EQ(header(response, "Content-Type"), as_json ? "application/json; charset=utf-8" : chosen) << accept;
  }
}

TEST_F(DeepaasV2, AnswersWhenTheModelDoesAndNotBefore) {
  hosting::OnOutcome later;
  hosting::Description description;
  description.has_predict_data = true;
  add("m", description, [&](const hosting::Call&, hosting::OnOutcome on_outcome) { later = std::move(on_outcome); });
  open();
  Exchange exchange;
  exchange.method = "POST";
  exchange.target = kPath;
  exchange.headers = {{"Content-Type", kForm}};
  exchange.body = upload("data");
  dispatch(to_request(exchange));
  EXPECT_TRUE(answers_.empty());
  later({hosting::json_output("7"), {}, "1"});
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].status, 200);
}

TEST_F(DeepaasV2, BytesThatAreNoTextAreAnErrorOfTheirArgument) {
  hosting::Description description;
  description.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  description.test_args_json = R"([{"name":"s"}])";
  add_answering(hosting::json_output("1"), description);
  const auto response =
      ask("POST", kPath, kForm, "--b\r\nContent-Disposition: form-data; name=\"s\"\r\n\r\n\xFF\xFE\r\n--b--\r\n");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(text(response), R"({"s":["Not a valid utf-8 string."]})");
}

TEST_F(DeepaasV2, ALargeJsonBodyIsRefusedByTheNameOfTheLimit) {
  hosting::Description description;
  description.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  description.has_train = true;
  add_answering(hosting::json_output("1"), description);
  open({.body = {.max_json_bytes = 10}});
  EXPECT_EQ(ask("POST", kPath, "application/json", R"({"a":1   })").status, 200);
  for (const auto* path : {kPath, "/v2/models/m/train/", "/models/m/predict"}) {
    const auto response = ask("POST", path, "application/json", R"({"a":1    })");
    EXPECT_EQ(response.status, 413) << path;
    EXPECT_THAT(text(response), HasSubstr("limits.max_json_bytes (10)"));
  }
}

TEST_F(DeepaasV2, TooManyJsonValuesAreRefusedByTheNameOfTheLimit) {
  hosting::Description description;
  description.metadata_json = R"({"name":"t","berth":{"takes_files":false}})";
  description.has_train = true;
  add_answering(hosting::json_output("1"), description);
  open({.body = {.max_json_values = 4}});
  EXPECT_EQ(ask("POST", kPath, "application/json", R"({"a":[1,2]})").status, 200);
  EXPECT_EQ(ask("POST", kPath, "application/json", R"({"a":[1,2)").status, 400);
  for (const auto* path : {kPath, "/v2/models/m/train/", "/models/m/predict"}) {
    const auto response = ask("POST", path, "application/json", R"({"a":[1,2,3]})");
    EXPECT_EQ(response.status, 413) << path;
    EXPECT_THAT(text(response), HasSubstr("the JSON body holds more values than limits.max_json_values (4)"));
  }
}

TEST_F(DeepaasV2, ArgumentsOfATrainingMayNotBeLargerInAnotherForm) {
  registry_.add(probe_model());
  registry_.add(v1_demo_model());
  open({.body = {.max_json_bytes = 10}});
  const std::string file = upload("file", std::string(100, 'x'));
  EXPECT_EQ(ask("POST", "/v2/models/probe/train/?sleep=1", kForm, file).status, 200) << "files do not count";
  EXPECT_EQ(ask("POST", "/v2/models/probe/train/?sleep=1.000000000").status, 413);
  constexpr auto kUrlencoded = "application/x-www-form-urlencoded";
  for (const auto& [method, path] : {std::pair("POST", "/v2/models/v1demo/train/"), {"PUT", "/models/v1demo/train"}}) {
    const auto response = ask(method, path, kUrlencoded, "epochs=12345&lr=123456");
    EXPECT_EQ(response.status, 413) << path;
    EXPECT_THAT(text(response), HasSubstr("the training's arguments are larger than limits.max_json_bytes (10)"));
  }
  EXPECT_EQ(registry_.runs.size(), 1U);
}

TEST_F(DeepaasV2, TrainingsShowTheirResultTheirErrorAndTheirFiles) {
  registry_.add(probe_model());
  open();
  const auto started = ask("POST", "/v2/models/probe/train/?sleep=1", kForm, upload("file"));
  EXPECT_EQ(started.status, 200) << text(started);
  const std::string uuid(json::view(body_of(started)["uuid"]));
  EXPECT_EQ(registry_.runs.at(0)->call.files.at(0).file_name, "a.png");
  registry_.runs[0]->finish(hosting::json_output(R"({"loss":NaN})"));
  const auto done = body_of(ask("GET", "/v2/models/probe/train/" + uuid));
  EXPECT_EQ(json::view(done["status"]), "done");
  EXPECT_TRUE(done["result"]["output"]["loss"].IsNull());
  EXPECT_THAT(std::string(json::view(done["result"]["duration"])), testing::StartsWith("0:00:0"));
  EXPECT_THAT(std::string(json::view(done["date"])), testing::MatchesRegex("....-..-.. ..:..:..(.......)?"));

  ask("POST", "/v2/models/probe/train/?sleep=1");
  registry_.runs.at(1)->finish(failure(Code::internal, "secret"));
  const auto list = body_of(ask("GET", "/v2/models/probe/train/"));
  ASSERT_EQ(list.Size(), 2U);
  EXPECT_EQ(json::view(list[1]["status"]), "error");
  EXPECT_THAT(std::string(json::view(list[1]["message"])), Not(HasSubstr("secret")));
  EXPECT_EQ(ask("GET", "/v2/models/other/train/").status, 404);
}

TEST_F(DeepaasV2, DebugShowsTheRecentLogWhereEnabled) {
  open({.debug_enabled = true});
  log::open(log::Level::info, log::Format::text);
  log::keep_recent(4096);
  log::info("a line worth seeing");
  const auto response = ask("GET", "/v2/debug/");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(text(response), HasSubstr("a line worth seeing"));
}

TEST_F(DeepaasV2, UnknownPathsAndMethodsAreText) {
  add_answering(hosting::json_output("1"));
  EXPECT_EQ(text(ask("GET", "/v2/nothing")), "404: Not Found");
  const auto wrong = ask("PATCH", "/v2/models/m/train/abc");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "DELETE, GET, HEAD");
  EXPECT_EQ(ask("PATCH", "/v2/models/unknown/train/abc").status, 404);
}

}  // namespace
}  // namespace berth::test
