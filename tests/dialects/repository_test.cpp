// SPDX-License-Identifier: Apache-2.0
// What admins do to models: the repository extension, and the rollout routes.
#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

class Repository : public DialectTest {
 protected:
  void SetUp() override {
    hosting::Description description;
    description.has_predict_data = true;
    description.metadata_json = R"({"name":"m","berth":{"takes_files":false}})";
    add("m", description, [](hosting::Call, hosting::OnOutcome on_outcome) {
      on_outcome({hosting::json_output("1"), {}, "3"});
    });
    hosting::Status status;
    status.state = hosting::State::unavailable;
    status.reason = "no weights";
    registry_.listings.push_back({"broken", "2", "", status, nullptr});
    open();
  }

  http::Response send(const std::string& method, const std::string& target, const std::string& body = "") {
    Exchange exchange;
    exchange.method = method;
    exchange.target = target;
    exchange.body = body;
    return ask(to_request(exchange));
  }
};

TEST_F(Repository, ListsWhatIsThereAndTellsReasonsToThoseWhoSeeAllOrMayMendIt) {
  const auto all = send("POST", "/v2/repository/index");
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.body.view(), R"([{"name":"m","version":"1","state":"READY","reason":""},)"
                             R"({"name":"broken","version":"2","state":"UNAVAILABLE","reason":"no weights"}])");
  EXPECT_THAT(send("POST", "/v2/repository/index", R"({"ready":true})").body.view(), Not(HasSubstr("broken")));
  for (const auto* body : {"[]", "{", R"({"ready":1})"}) {
    const auto refused = send("POST", "/v2/repository/index", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_THAT(refused.body.view(), HasSubstr("{\"error\":\""));
  }
  const auto tells_reasons_to = [this](identity::Role role, const char* rights) {
    const auto parsed = std::make_shared<const identity::Rights>(*identity::Rights::parse(rights));
    caller_ = std::make_shared<const identity::Principal>(identity::Principal{.role = role, .rights = parsed});
    return send("POST", "/v2/repository/index").body.view().find("no weights") != std::string_view::npos;
  };
  EXPECT_TRUE(tells_reasons_to(identity::Role::viewer, "{}"));
  EXPECT_TRUE(tells_reasons_to(identity::Role::user, R"({"broken":["manage"]})"));
  EXPECT_FALSE(tells_reasons_to(identity::Role::user, R"({"*":["predict","train"],"m":["manage"]})"));
  EXPECT_FALSE(tells_reasons_to(identity::Role::anonymous, R"({"*":["manage"]})"));
}

TEST_F(Repository, TakesNoMoreValuesThanItIsToldTo) {
  open({.body = {.max_json_values = 3}});
  const auto refused = send("POST", "/v2/repository/index", R"({"ready":true,"more":[1,2,3]})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body.view(), HasSubstr("more than 3 values"));
}

TEST_F(Repository, LoadsAndUnloads) {
  for (const auto* verb : {"load", "unload"}) {
    const auto done = send("POST", std::string("/v2/repository/models/m/") + verb);
    EXPECT_EQ(done.status, 200);
    EXPECT_EQ(done.body.size(), 0U);
  }
  EXPECT_THAT(registry_.changes, testing::ElementsAre("load m", "unload m"));
  EXPECT_EQ(send("POST", "/v2/repository/models/nobody/load").status, 404);
  const auto failed = send("POST", "/v2/repository/models/broken/load");
  EXPECT_EQ(failed.status, 400);
  EXPECT_THAT(failed.body.view(), HasSubstr("{\"error\":\"failed to load 'broken': "));
  EXPECT_EQ(send("GET", "/v2/repository/models/m/load").status, 405);
}

TEST_F(Repository, ReadsWhatIsSentAlongWithALoad) {
  const auto change = [this](const std::string& verb, const std::string& body) {
    const auto answer = send("POST", "/v2/repository/models/m/" + verb, body);
    return std::to_string(answer.status).append(" ").append(answer.body.view());
  };
  EXPECT_EQ(change("load", "{}"), "200 ");
  EXPECT_EQ(change("load", R"({"parameters":{"config":null}})"), "200 ");
  EXPECT_EQ(change("unload", R"({"parameters":{"unload_dependents":true}})"), "200 ");
  EXPECT_THAT(registry_.changes, testing::ElementsAre("load m", "load m", "unload m"));
  for (const auto* verb : {"load", "unload"}) {
    for (const auto* body : {"{", "[]", R"({"parameters":[]})"}) {
      EXPECT_THAT(change(verb, body), testing::StartsWith("400 {\"error\":\"")) << body;
    }
  }
  for (const auto* key : {"config", "file:1/model.pt"}) {
    EXPECT_EQ(change("load", std::string(R"({"parameters":{")").append(key).append(R"(":"x"}})")),
              std::string(R"(501 {"error":"parameters.)")
                  .append(key)
                  .append(R"(: a model is loaded as its folder has it"})"));
  }
  EXPECT_EQ(registry_.changes.size(), 3U) << "what is refused changes nothing";
}

TEST_F(Repository, ShowsAndChangesARollout) {
  EXPECT_EQ(send("GET", "/v2/berth/models/m/rollout").body.view(),
            R"({"unloaded":false,"active":null,"previous":[],"labels":{},"sticky":false})");
  const auto changed = send("PATCH", "/v2/berth/models/m/rollout",
                            R"({"active":"3","labels":{"canary":{"version":"4","percent":2.5}}})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body.view(), R"({"unloaded":false,"active":"3","previous":[null],)"
                                 R"("labels":{"canary":{"version":"4","percent":2.5}},"sticky":false})");
  EXPECT_THAT(send("PATCH", "/v2/berth/models/m/rollout", R"({"labels":{"canary":null}})").body.view(),
              HasSubstr(R"("labels":{})"));
  EXPECT_THAT(send("POST", "/v2/berth/models/m/rollback").body.view(), HasSubstr(R"("active":null)"));
  const auto again = send("POST", "/v2/berth/models/m/rollback");
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body.view(), HasSubstr("no version to go back to"));
  const auto wrong = send("PATCH", "/v2/berth/models/m/rollout", R"({"actvie":"3"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body.view(), HasSubstr("actvie: there is no such key"));
  EXPECT_EQ(send("GET", "/v2/berth/models/nobody/rollout").status, 404);
}

TEST_F(Repository, AnAnswerSaysWhichVersionGaveIt) {
  const auto response = send("POST", "/v2/models/m/predict/");
  EXPECT_EQ(response.status, 200) << response.body.view();
  EXPECT_EQ(header(response, "X-Model-Version"), "3");
}

}  // namespace
}  // namespace berth::test
