// SPDX-License-Identifier: Apache-2.0
// Each line of the classifier's contract, against models that a test answers for.
#include "dialects/classifier.h"

#include "dialects/guarded_server.h"

namespace berth::test {
namespace {

constexpr const char* kPredictions = "/classifier/predictions";
constexpr const char* kOneImage = R"({"images":[{"image_id":0,"img_base64":"Y2F0"}]})";  // "cat"
constexpr const char* kNotInstantiated =
    R"({"detail":"Prediction Service is not instantiated. Please use endpoint )"
    R"(/classifier/prediction-service/<model_name> to instantiate it with a prediction model."})";

// Labels each image with what it holds, as the image classifier answers; "bad" is no image.
void label_images(hosting::Call call, const hosting::OnOutcome& done) {
  std::string list;
  for (const auto& file : call.files) {
    if (file.bytes.view() == "bad") {
      Error error{Code::invalid_argument, "'" + file.file_name + "': not an image"};
      error.model_status = 422;
      return done({tl::unexpected<Error>(std::move(error)), {}, "1"});
    }
    list.append(list.empty() ? "" : ",");
    list.append(R"({"file":"f","labels":[{"label":)").append(json::quote(file.bytes.view()));
    list.append(R"(,"probability":0.93}]})");
  }
  done({hosting::json_output(R"({"status":"OK","predictions":[)" + list + "]}"), {}, "1"});
}

class Classifier : public GuardedServer {
 protected:
  void SetUp() override {
    GuardedServer::SetUp();
    open({});
    hosting::Description description;
    description.has_predict_data = true;
    description.test_args_json = R"([{"name":"top_k","type":"int","default":5}])";
    add("animals", description, [this](hosting::Call call, const hosting::OnOutcome& done) {
      args_ = call.args_json;
      label_images(std::move(call), done);
    });
    add("tables", {}, {});
    add("odd", description, [](hosting::Call, const hosting::OnOutcome& done) {
      done({hosting::json_output(R"({"predictions":[{"labels":[]}]})"), {}, "1"});
    });
  }
  void open(const dialects::ClassifierOptions& options) {
    router_ = std::make_unique<http::Router>("", dialects::make_access_guard(*gate_));
    dialects::add_classifier(*router_, service_, *gate_, options);
  }

  http::Response put(const std::string& model, const std::string& key = kEnvironmentKey) {
    return call("PUT", "/classifier/prediction-service/" + model, {.name = "", .key = key});
  }
  http::Response post(const std::string& body, const std::string& key = kEnvironmentKey) {
    return call("POST", kPredictions, {.name = "", .key = key}, {}, body);
  }
  // "422 {…}"
  static std::string said(const http::Response& response) {
    return std::to_string(response.status) + " " + std::string(response.body.view());
  }
  static std::string one_error(const std::string& where, const std::string& message, const std::string& type) {
    return R"(422 {"detail":[{"loc":)" + where + R"(,"msg":")" + message + R"(","type":")" + type + R"("}]})";
  }

  std::string args_;
};

TEST_F(Classifier, AnswersEachImageInTheOrderOfTheRequest) {
  ASSERT_EQ(put("animals").status, 200);
  const auto answer =
      post(R"({"images":[{"image_id":7,"img_base64":"ZG9n"},{"image_id":2,"img_base64":"Y2F0"}],"more":1})");
  EXPECT_EQ(said(answer),
            R"(200 {"code":200,"response":{"model":"animals","results":[)"
            R"({"image_id":7,"max_score":0.93,"label":"dog"},{"image_id":2,"max_score":0.93,"label":"cat"}]}})");
  EXPECT_EQ(header(answer, "X-Model-Version"), "1");
  EXPECT_EQ(args_, R"({"top_k":1})");
}

TEST_F(Classifier, TakesTheVersionThatIsChosenForItsCaller) {
  const auto key = key_of("ada", Role::user);
  ASSERT_EQ(put("animals").status, 200);
  ASSERT_EQ(post(kOneImage, key).status, 200);
  EXPECT_THAT(chosen(), testing::ElementsAre("animals for key 1"));
}

TEST_F(Classifier, ChangesTheModelThatAnswers) {
  EXPECT_EQ(said(put("animals")), R"(200 {"code":200,"response":"Changed model to animals"})");
  EXPECT_TRUE(registry_.changes.empty()) << "it was ready";
  EXPECT_EQ(post(kOneImage).status, 200);
}

TEST_F(Classifier, ChangesFromOneModelToAnother) {
  hosting::Description description;
  description.has_predict_data = true;
  add("birds", description, label_images);
  for (const std::string model : {"animals", "birds", "animals"}) {
    ASSERT_EQ(put(model).status, 200);
    EXPECT_NE(said(post(kOneImage)).find(R"("model":")" + model + '"'), std::string::npos);
  }
}

TEST_F(Classifier, LoadsAModelThatDoesNotServe) {
  hosting::Description description;
  description.has_predict_data = true;
  const auto sleeping = std::make_shared<hosting::FakeModel>("sleeping", description, label_images);
  hosting::Status status;
  status.state = hosting::State::unloaded;
  sleeping->set_status(status);
  registry_.add(sleeping);
  EXPECT_EQ(put("sleeping").status, 200);
  EXPECT_EQ(registry_.changes, std::vector<std::string>{"load sleeping"});
  status.state = hosting::State::ready;
  sleeping->set_status(status);
  EXPECT_NE(said(post(kOneImage)).find(R"("model":"sleeping")"), std::string::npos) << "it is the active one";
}

TEST_F(Classifier, KeepsTheOldModelWhereANewOneCannotBeHad) {
  hosting::Listing broken;
  broken.name = "broken";
  registry_.listings.push_back(broken);
  ASSERT_EQ(put("animals").status, 200);
  EXPECT_EQ(said(put("birds")), R"(404 {"detail":"there is no model package 'birds'"})");
  EXPECT_EQ(said(put("broken")), R"(422 {"detail":"failed to load 'broken': the model 'broken' could not be loaded"})");
  EXPECT_EQ(said(put("tables")), R"(422 {"detail":"failed to load 'tables': it takes no images"})");
  EXPECT_NE(said(post(kOneImage)).find(R"("model":"animals")"), std::string::npos);
}

TEST_F(Classifier, PutsEachTryToChangeTheModelIntoTheAuditLog) {
  ASSERT_EQ(put("animals").status, 200);
  ASSERT_EQ(put("tables").status, 422);
  ASSERT_EQ(put("nobody").status, 404);
  key_of("later", Role::user);  // is written after them
  const auto entries =
      AccountHouse::wait<std::vector<store::AuditEntry>>([&](auto done) { gate_->accounts().read_audit(0, 10, done); });
  ASSERT_TRUE(entries);
  std::vector<std::string> changes;  // newest first
  for (const auto& entry : *entries) {
    if (entry.action == "classifier.change")
      changes.push_back(entry.actor + " " + entry.target + " " + entry.detail_json);
  }
  EXPECT_THAT(changes, testing::ElementsAre(R"(X_API_KEY model nobody {"status":404})",
                                            R"(X_API_KEY model tables {"status":422})",
                                            R"(X_API_KEY model animals {"status":200})"));
}

TEST_F(Classifier, NamesNoMoreThanAHundredThingsThatAreWrong) {
  ASSERT_EQ(put("animals").status, 200);
  std::string body = R"({"images":[{})";
  for (int i = 0; i < 200; ++i) body.append(",{}");
  const auto answer = post(body + "]}");
  EXPECT_EQ(answer.status, 422);
  const auto document = json::parse(answer.body.view());
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["detail"].Size(), 100U);
}

TEST_F(Classifier, IsForThoseWhoShowAGoodKey) {
  const auto nobody = call("POST", kPredictions, {.name = "local", .address = "127.0.0.1"}, {}, kOneImage);
  EXPECT_EQ(said(nobody), R"(403 {"detail":"Not authenticated"})");
  const auto elsewhere = call("POST", kPredictions, {.name = ""},
                              {{"authorization", std::string("Bearer ") + kEnvironmentKey}}, kOneImage);
  EXPECT_EQ(said(elsewhere), R"(403 {"detail":"Not authenticated"})") << "X-API-Key alone counts";
  const auto empty = call("POST", kPredictions, {.name = ""}, {{"x-api-key", ""}}, kOneImage);
  EXPECT_EQ(said(empty), R"(403 {"detail":"Not authenticated"})");
  const auto wrong = post(kOneImage, "guessed");
  EXPECT_EQ(said(wrong), R"(401 {"detail":"wrong api key"})");
  EXPECT_EQ(header(wrong, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(said(put("animals", "guessed")), R"(401 {"detail":"wrong api key"})");
  ASSERT_EQ(put("animals").status, 200);
  EXPECT_EQ(post(kOneImage, key_of("ada", Role::user)).status, 200) << "any key of the server";
}

TEST_F(Classifier, AsksForTheRightsOnTheModel) {
  const auto user = key_of("ada", Role::user), viewer = key_of("eve", Role::viewer);
  EXPECT_EQ(said(put("animals", user)), R"(403 {"detail":"the right to manage this model is needed"})");
  ASSERT_EQ(put("animals", key_of("root", Role::admin)).status, 200);
  EXPECT_EQ(said(post(kOneImage, viewer)),
            R"(403 {"detail":"the right to predict is needed for the model 'animals'"})");
}

TEST_F(Classifier, HasNoModelUntilOneIsActive) {
  EXPECT_EQ(said(post(kOneImage)), std::string("422 ") + kNotInstantiated);
  open({.model = "animals"});
  EXPECT_EQ(post(kOneImage).status, 200) << "as configured";
  open({.model = "animols"});
  EXPECT_EQ(said(post(kOneImage)), R"(503 {"detail":"The model is not available"})") << "the path is right";
}

TEST_F(Classifier, NamesTheImageThatIsNone) {
  ASSERT_EQ(put("animals").status, 200);
  const auto answer = post(R"({"images":[{"image_id":1,"img_base64":"Y2F0"},{"image_id":42,"img_base64":"YmFk"}]})");
  EXPECT_EQ(said(answer), R"(422 {"detail":"'image_id 42': not an image"})");
}

TEST_F(Classifier, TellsWhatIsWrongWithABody) {
  ASSERT_EQ(put("animals").status, 200);
  EXPECT_EQ(said(post("{}")), one_error(R"(["body","images"])", "field required", "value_error.missing"));
  EXPECT_EQ(said(post("")), one_error(R"(["body"])", "field required", "value_error.missing"));
  EXPECT_EQ(said(post("[]")), one_error(R"(["body"])", "value is not a valid dict", "type_error.dict"));
  EXPECT_EQ(said(post(R"({"images":{}})")),
            one_error(R"(["body","images"])", "value is not a valid list", "type_error.list"));
  EXPECT_EQ(said(post(R"({"images":null})")),
            one_error(R"(["body","images"])", "none is not an allowed value", "type_error.none.not_allowed"));
  EXPECT_EQ(said(post(R"({"images":["x"]})")),
            one_error(R"(["body","images",0])", "value is not a valid dict", "type_error.dict"));
  const auto broken = post("{\"images\":");
  EXPECT_EQ(broken.status, 422);
  EXPECT_EQ(json::view(body_of(broken)["detail"][0]["type"]), "value_error.jsondecode");
}

TEST_F(Classifier, TellsWhatIsWrongWithEachImage) {
  ASSERT_EQ(put("animals").status, 200);
  const auto entry = [this](const std::string& members) {
    return said(post(R"({"images":[{"image_id":0,"img_base64":"Y2F0"},{)" + members + "}]}"));
  };
  const std::string id = R"(["body","images",1,"image_id"])", text = R"(["body","images",1,"img_base64"])";
  EXPECT_EQ(entry(R"("image_id":1)"), one_error(text, "field required", "value_error.missing"));
  EXPECT_EQ(entry(R"("img_base64":"")"), one_error(id, "field required", "value_error.missing"));
  EXPECT_EQ(entry(R"("image_id":null,"img_base64":"")"),
            one_error(id, "none is not an allowed value", "type_error.none.not_allowed"));
  for (const auto* no_integer : {"1.5", "\"one\"", "true", "[]", "1e300", "18446744073709551615"}) {
    EXPECT_EQ(entry(std::string(R"("img_base64":"","image_id":)") + no_integer),
              one_error(id, "value is not a valid integer", "type_error.integer"))
        << no_integer;
  }
  EXPECT_EQ(entry(R"("image_id":1,"img_base64":5)"), one_error(text, "str type expected", "type_error.str"));
  EXPECT_EQ(entry(R"("image_id":1,"img_base64":"no-base64")"),
            one_error(text, "invalid base64-encoded string", "value_error.base64"));
  EXPECT_EQ(body_of(post(R"({"images":[{},{}]})"))["detail"].Size(), 4U) << "all of it at once";
}

TEST_F(Classifier, ReadsAnIdAsItsClientsWriteIt) {
  ASSERT_EQ(put("animals").status, 200);
  const auto body = body_of(post(R"({"images":[{"image_id":"5","img_base64":"Y2F0"},
                                              {"image_id":6.0,"img_base64":"Y2\nF0"}]})"));
  EXPECT_EQ(body["response"]["results"][0]["image_id"].GetInt(), 5);
  EXPECT_EQ(body["response"]["results"][1]["image_id"].GetInt(), 6);
}

TEST_F(Classifier, AnswersNoImagesWithNoResults) {
  ASSERT_EQ(put("animals").status, 200);
  EXPECT_EQ(said(post(R"({"images":[]})")), R"(200 {"code":200,"response":{"model":"animals","results":[]}})");
}

TEST_F(Classifier, RefusesABodyThatIsTooLarge) {
  dialects::ClassifierOptions options{.model = "animals"};
  options.body.max_json_bytes = 20;
  open(options);
  EXPECT_EQ(said(post(kOneImage)), R"(413 {"detail":"the body is larger than limits.max_json_bytes"})");
}

TEST_F(Classifier, TrustsNoAnswerThatIsNotAnImageClassifiers) {
  ASSERT_EQ(put("odd").status, 200);
  EXPECT_EQ(said(post(kOneImage)), R"(500 {"detail":"Internal Server Error"})");
}

TEST_F(Classifier, WordsWhatIsNotThereAsTheRest) {
  EXPECT_EQ(said(call("GET", "/classifier/nothing", {})), R"(404 {"detail":"Not Found"})");
  const auto wrong = call("GET", kPredictions, {});
  EXPECT_EQ(said(wrong), R"(405 {"detail":"Method Not Allowed"})");
  EXPECT_EQ(header(wrong, "Allow"), "POST");
}

}  // namespace
}  // namespace berth::test
