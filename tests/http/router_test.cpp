// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "recorder.h"

namespace berth::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Handler says(const std::string& text) {
  return [text](Request&&, const PathParams&, Reply&& reply) { reply.send(Response::text(200, text)); };
}

Recorder ask(const Router& router, std::string method, std::string path) {
  Recorder recorder;
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.id = "the-request-id";
  router.dispatch(std::move(request), recorder.reply());
  EXPECT_EQ(recorder.deliveries, 1);
  return recorder;
}

std::string text_of(const Router& router, std::string method, std::string path) {
  return std::string(ask(router, std::move(method), std::move(path)).response.body.view());
}

Router models() {
  Router router;
  router.add({"GET", "/", Access::open, says("root")});
  router.add({"GET", "/models/", Access::open, says("list")});
  router.add({"GET", "/models/{name}", Access::open, [](Request&&, const PathParams& params, Reply&& reply) {
                reply.send(Response::text(200, "model " + std::string(params["name"]) + std::string(params["other"])));
              }});
  router.add({"POST", "/models/{model}/predict/", Access::open, [](Request&&, const PathParams& params, Reply&& reply) {
                reply.send(Response::text(200, "predict " + std::string(params["model"])));
              }});
  router.add({"GET", "/models/special", Access::open, says("special")});
  router.add({"GET", "/models/special/only/here", Access::open, says("deep")});
  return router;
}

TEST(Router, FindsLiteralsAndNames) {
  const auto router = models();
  EXPECT_EQ(text_of(router, "GET", "/"), "root");
  EXPECT_EQ(text_of(router, "GET", "/models"), "list");
  EXPECT_EQ(text_of(router, "GET", "/models/digits"), "model digits");
  EXPECT_EQ(text_of(router, "POST", "/models/digits/predict"), "predict digits");
}

TEST(Router, IgnoresOneTrailingSlash) {
  const auto router = models();
  EXPECT_EQ(text_of(router, "GET", "/models/"), "list");
  EXPECT_EQ(text_of(router, "GET", "/models/digits/"), "model digits");
  EXPECT_EQ(text_of(router, "POST", "/models/digits/predict/"), "predict digits");
}

TEST(Router, ALiteralBeatsANameAndTheNameIsTriedWhereTheLiteralLeadsNowhere) {
  const auto router = models();
  EXPECT_EQ(text_of(router, "GET", "/models/special"), "special");
  EXPECT_EQ(text_of(router, "POST", "/models/special/predict"), "predict special");
}

TEST(Router, RepeatedSlashesMatchNothing) {
  const auto router = models();
  for (const auto* path : {"//", "//models", "/models//", "/models//digits", "/models/digits//", "", "*", "models"}) {
    EXPECT_EQ(ask(router, "GET", path).response.status, 404) << path;
  }
}

TEST(Router, SurvivesAbsurdPaths) {
  const auto router = models();
  std::string names;
  for (int i = 0; i < 20'000; ++i) names += "/a";
  EXPECT_EQ(ask(router, "GET", std::string(20'000, '/')).response.status, 404);
  EXPECT_EQ(ask(router, "GET", names).response.status, 404);
  EXPECT_EQ(ask(router, "GET", "/models/special" + names).response.status, 404);
}

TEST(Router, Answers404And405) {
  const auto router = models();
  const auto missing = ask(router, "GET", "/nowhere");
  EXPECT_EQ(missing.response.status, 404);
  EXPECT_EQ(missing.response.body.view(), "404: Not Found");
  const auto refused = ask(router, "DELETE", "/models");
  EXPECT_EQ(refused.response.status, 405);
  EXPECT_EQ(refused.response.body.view(), "405: Method Not Allowed");
  EXPECT_EQ(refused.header("Allow"), "GET, HEAD");
  EXPECT_EQ(ask(router, "OPTIONS", "/models/x/predict").header("Allow"), "POST");
  EXPECT_EQ(ask(router, "POST", "/models/special").response.status, 405);
}

TEST(Router, GetServesHeadUnlessHeadIsThere) {
  auto router = models();
  EXPECT_EQ(text_of(router, "HEAD", "/models"), "list");
  EXPECT_EQ(ask(router, "HEAD", "/models/x/predict").response.status, 405);
  router.add({"HEAD", "/models", Access::open, says("own head")});
  EXPECT_EQ(text_of(router, "HEAD", "/models"), "own head");
}

TEST(Router, PutsTheBasePathBeforeEverything) {
  Router router("api/x/");
  router.add({"GET", "/", Access::open, says("root")});
  router.add({"GET", "/models", Access::open, says("list")});
  EXPECT_EQ(text_of(router, "GET", "/api/x"), "root");
  EXPECT_EQ(text_of(router, "GET", "/api/x/"), "root");
  EXPECT_EQ(text_of(router, "GET", "/api/x/models/"), "list");
  for (const auto* path : {"/", "/models", "/api/xmodels", "/api", "/api/x//", "/api/x/x/models"}) {
    EXPECT_EQ(ask(router, "GET", path).response.status, 404) << path;
  }
  const auto table = router.table();
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0].method + " " + table[0].pattern, "GET /api/x/");
  EXPECT_EQ(table[1].method + " " + table[1].pattern, "GET /api/x/models");
  EXPECT_EQ(table[1].access, Access::open);
}

RoutingErrors errors(const std::string& group) {
  return {.not_found = [group] { return Response::text(404, group); },
          .method_not_allowed =
              [group](std::string_view allow) { return Response::text(405, group + " " + std::string(allow)); },
          .internal = [group](std::string_view id) { return Response::text(500, group + " " + std::string(id)); }};
}

TEST(Router, TakesTheErrorsOfTheLongestPrefix) {
  Router router("/base");
  router.add({"GET", "/models/x", Access::open, says("x")});
  router.set_errors("/models", errors("models"));
  router.set_errors("/models/x/", errors("x"));
  EXPECT_EQ(text_of(router, "GET", "/base/models/y"), "models");
  EXPECT_EQ(text_of(router, "GET", "/base/models"), "models");
  EXPECT_EQ(text_of(router, "GET", "/base/models/x/y"), "x");
  EXPECT_EQ(text_of(router, "PUT", "/base/models/x"), "x GET, HEAD");
  EXPECT_EQ(ask(router, "PUT", "/base/models/x").header("Allow"), "GET, HEAD");
  EXPECT_EQ(text_of(router, "GET", "/base/modelsx"), "404: Not Found");
  EXPECT_EQ(text_of(router, "GET", "/models/y"), "404: Not Found");
  router.set_errors("", errors("all"));
  EXPECT_EQ(text_of(router, "GET", "/base/modelsx"), "all");
  EXPECT_EQ(text_of(router, "GET", "/base"), "all");
}

TEST(Router, APrefixOfErrorsMayHoldNames) {
  auto router = models();
  const auto says_not_found = [](std::string text) {
    RoutingErrors errors;
    errors.not_found = [text = std::move(text)] { return Response::text(404, text); };
    return errors;
  };
  router.set_errors("/models", says_not_found("models"));
  router.set_errors("/models/{model}/infer", says_not_found("infer"));
  EXPECT_EQ(text_of(router, "GET", "/models/digits/infer"), "infer");
  EXPECT_EQ(text_of(router, "GET", "/models/digits/infer/x/y"), "infer");
  EXPECT_EQ(text_of(router, "GET", "/models/digits/inferior"), "models");
  EXPECT_EQ(text_of(router, "GET", "/models//infer"), "models");
  EXPECT_EQ(text_of(router, "GET", "/models/digits/x"), "models");
  EXPECT_EQ(text_of(router, "GET", "/modelsx/digits/infer"), "404: Not Found");
}

TEST(Router, AnswersForAHandlerThatThrowsAndSaysWhyInTheLogOnly) {
  Router router;
  router.set_errors("/grouped", errors("group"));
  router.add({"GET", "/throws", Access::open,
              [](Request&&, const PathParams&, Reply&&) { throw std::runtime_error("secret"); }});
  router.add({"GET", "/odd", Access::open, [](Request&&, const PathParams&, Reply&&) { throw 7; }});
  router.add({"GET", "/grouped/{x}", Access::open, [](Request&& request, const PathParams&, Reply&&) {
                const Request taken = std::move(request);
                throw std::runtime_error("secret");
              }});
  router.add({"GET", "/late", Access::open, [](Request&&, const PathParams&, Reply&& reply) {
                const Reply taken = std::move(reply);
                throw std::runtime_error("secret");
              }});
  testing::internal::CaptureStderr();
  for (const auto* path : {"/throws", "/odd", "/late"}) {
    const auto answer = ask(router, "GET", path);
    EXPECT_EQ(answer.response.status, 500) << path;
    EXPECT_EQ(answer.response.body.view(), "500: Internal Server Error") << path;
  }
  EXPECT_EQ(text_of(router, "GET", "/grouped/1"), "group the-request-id");
  const auto logged = testing::internal::GetCapturedStderr();
  EXPECT_THAT(logged, HasSubstr("GET /throws threw secret"));
  EXPECT_THAT(logged, HasSubstr("GET /odd threw something"));
  EXPECT_THAT(logged, HasSubstr("the-request-id"));
}

TEST(Router, RefusesRoutesThatCannotBeMeant) {
  auto router = models();
  EXPECT_THROW(router.add({"GET", "/models", Access::open, says("again")}), std::logic_error);
  EXPECT_THROW(router.add({"GET", "/models/{other}", Access::open, says("again")}), std::logic_error);
  EXPECT_THROW(router.add({"GET", "models", Access::open, says("x")}), std::logic_error);
  EXPECT_THROW(router.add({"GET", "/a//b", Access::open, says("x")}), std::logic_error);
  EXPECT_THROW(router.add({"GET", "/a{b}", Access::open, says("x")}), std::logic_error);
  EXPECT_THROW(router.add({"GET", "/{}", Access::open, says("x")}), std::logic_error);
}

TEST(Router, AsksItsGuardBeforeAnyHandler) {
  std::vector<std::string> asked;
  Router router("/base", [&](Request& request, const PathParams& params, Access access, Reply&) -> Result<> {
    asked.push_back(std::string(to_string(access)) + " " + std::string(params["model"]));
    if (request.method == "POST") return failure(Code::forbidden, "no");
    return {};
  });
  RoutingErrors errors;
  errors.refused = [](const Error& error, std::string_view id) {
    return Response::text(403, error.message + " " + std::string(id));
  };
  router.set_errors("/worded", std::move(errors));
  for (const auto* pattern : {"/plain/{model}", "/worded/{model}"}) {
    router.add({"GET", pattern, Access::watch, says("in")});
    router.add({"POST", pattern, Access::manage, says("in")});
  }
  EXPECT_EQ(text_of(router, "GET", "/base/plain/m"), "in");
  EXPECT_EQ(text_of(router, "POST", "/base/plain/m"), "403: Forbidden");
  EXPECT_EQ(text_of(router, "POST", "/base/worded/m"), "no the-request-id");
  EXPECT_EQ(text_of(router, "GET", "/base/nowhere"), "404: Not Found");
  EXPECT_THAT(asked, ElementsAre("watch m", "manage m", "manage m"));
}

TEST(Router, AsksARoutesOwnGuardInPlaceOfItsOwn) {
  const auto says_no = [](std::string message) -> Guard {
    return [message](Request&, const PathParams&, Access, Reply&) -> Result<> {
      return failure(Code::forbidden, message);
    };
  };
  Router router("", says_no("the router's"));
  RoutingErrors errors;
  errors.refused = [](const Error& error, std::string_view) { return Response::text(403, error.message); };
  router.set_errors("/", std::move(errors));
  router.add({"GET", "/own", Access::known, says("in"), says_no("the route's")});
  router.add({"GET", "/usual", Access::known, says("in")});
  EXPECT_EQ(text_of(router, "GET", "/own"), "the route's");
  EXPECT_EQ(text_of(router, "GET", "/usual"), "the router's");
}

TEST(Router, WithoutAGuardOpensOnlyWhatIsOpen) {
  Router router;
  router.add({"GET", "/open", Access::open, says("in")});
  router.add({"GET", "/other", Access::caller, says("in")});
  EXPECT_EQ(text_of(router, "GET", "/open"), "in");
  EXPECT_EQ(ask(router, "GET", "/other").response.status, 500);
}

}  // namespace
}  // namespace berth::http
