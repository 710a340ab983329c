// SPDX-License-Identifier: Apache-2.0
// Calls through the table: what comes out, whatever the model does.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "recording_host.h"

namespace berth::test {
namespace {

// Answers with what the test says.
class Answering : public BaseModel {
 public:
  static inline std::function<Response(const Args&)> answer;
  Metadata get_metadata() const override { return {.name = "answering"}; }
  Response predict_data(const Args& args) override { return answer(args); }
  Response train(const Args& args) override {
    host().progress(0.25, {{"loss", 0.5}});
    return host().stop_requested() ? Response(Json("stopped")) : answer(args);
  }
};

class Calls : public testing::Test {
 protected:
  void predict(std::function<Response(const Args&)> answer) {
    Answering::answer = std::move(answer);
    model_.predict(outcome_, R"({"n":1})");
  }
  Loaded model_{type_of<Answering>()};
  Outcome outcome_;
};

TEST_F(Calls, JsonArrivesAsText) {
  predict([](const Args& args) { return Json{{"z", args.integer("n")}, {"a", "ü"}}; });
  EXPECT_EQ(outcome_.kind, "json");
  EXPECT_EQ(outcome_.body, R"({"z":1,"a":"ü"})");
  EXPECT_EQ(outcome_.count, 1);
}

TEST_F(Calls, TextAndWrittenJsonArriveAsTheyAre) {
  predict([](const Args&) { return Response::text("hello"); });
  EXPECT_EQ(outcome_.kind, "text");
  EXPECT_EQ(outcome_.body, "hello");
  Outcome written;
  Answering::answer = [](const Args& args) { return Response::json_text(std::string(args.json_text())); };
  model_.predict(written, "[1, 2]");
  EXPECT_EQ(written.kind, "json");
  EXPECT_EQ(written.body, "[1, 2]");
}

TEST_F(Calls, AFileKeepsItsBytesAndLabels) {
  predict([](const Args&) { return Response::file("image/png", std::string("a\0b", 3), "a.png"); });
  EXPECT_EQ(outcome_.kind, "file");
  EXPECT_EQ(outcome_.body, std::string("a\0b", 3));
  EXPECT_EQ(outcome_.content_type, "image/png");
  EXPECT_EQ(outcome_.file_name, "a.png");
}

TEST_F(Calls, AnEmptyFileIsAFile) {
  predict([](const Args&) { return Response::borrowed_file("text/plain", ""); });
  EXPECT_EQ(outcome_.kind, "file");
  EXPECT_TRUE(outcome_.body.empty());
}

TEST_F(Calls, SeveralTensorsArrive) {
  predict([](const Args&) {
    return Response::tensors({Tensor::of<float>("a", {2}, {1, 2}), Tensor::of_texts("b", {1}, {"x"})});
  });
  EXPECT_EQ(outcome_.kind, "tensor");
  EXPECT_EQ(outcome_.tensor_names, (std::vector<std::string>{"a", "b"}));
}

TEST_F(Calls, NoTensorAtAllIsAnError) {
  predict([](const Args&) { return Response::tensors({}); });
  EXPECT_EQ(outcome_.kind, "error");
  EXPECT_EQ(outcome_.status, 0);
}

TEST_F(Calls, NumbersThatJsonCannotSayBecomeNullAndAreLogged) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  predict([&](const Args&) { return Json{{"a", {1.5, nan, -infinity}}, {"b", {{"c", infinity}}}, {"d", 2.5}}; });
  EXPECT_EQ(outcome_.body, R"({"a":[1.5,null,null],"b":{"c":null},"d":2.5})");
  ASSERT_EQ(model_.host.logs.size(), 1u);
  EXPECT_NE(model_.host.logs[0].find("3 number(s)"), std::string::npos) << model_.host.logs[0];
  EXPECT_NE(model_.host.logs[0].find("/a/1"), std::string::npos) << model_.host.logs[0];
}

TEST_F(Calls, ALoneNanBecomesNull) {
  predict([](const Args&) { return Json(std::nan("")); });
  EXPECT_EQ(outcome_.body, "null");
  EXPECT_EQ(model_.host.logs.size(), 1u);
}

TEST_F(Calls, TextThatIsNotUtf8IsRepairedAndLogged) {
  predict([](const Args&) { return Json("a\xff"); });
  EXPECT_EQ(outcome_.body, "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(model_.host.logs.size(), 1u);
}

TEST_F(Calls, AnErrorReachesTheClientWithItsStatus) {
  predict([](const Args&) -> Response { throw Error(422, "no face"); });
  EXPECT_EQ(outcome_.kind, "error");
  EXPECT_EQ(outcome_.status, 422);
  EXPECT_EQ(outcome_.body, "no face");
}

TEST_F(Calls, AReturnedErrorIsOneToo) {
  predict([](const Args&) { return Error(409, "later"); });
  EXPECT_EQ(outcome_.status, 409);
}

TEST_F(Calls, AnErrorWithAStatusOfSuccessIsAFailure) {
  predict([](const Args&) -> Response { throw Error(200, "all is well"); });
  EXPECT_EQ(outcome_.kind, "error");
  EXPECT_EQ(outcome_.status, 0);
}

TEST_F(Calls, AnyExceptionIsCaughtAndMeantForTheLog) {
  predict([](const Args&) -> Response { throw std::out_of_range("index 7"); });
  EXPECT_EQ(outcome_.status, 0);
  EXPECT_EQ(outcome_.body, "index 7");
  Outcome other;
  Answering::answer = [](const Args&) -> Response { throw 42; };
  model_.predict(other);
  EXPECT_EQ(other.kind, "error");
  EXPECT_EQ(other.status, 0);
}

TEST_F(Calls, ArgumentsThatAreNoJsonAreAFailureNotACrash) {
  Answering::answer = [](const Args& args) { return Json(args.has("n")); };
  model_.predict(outcome_, "{oops");
  EXPECT_EQ(outcome_.kind, "error");
}

TEST_F(Calls, TrainingReportsProgressAndSeesTheStopFlag) {
  Answering::answer = [](const Args&) { return Json("trained"); };
  model_.train(outcome_);
  EXPECT_EQ(outcome_.body, "\"trained\"");
  EXPECT_EQ(model_.host.progress, std::vector<std::string>{R"(0.25 {"loss":0.5})"});
  model_.host.stop = true;
  Outcome stopped;
  model_.train(stopped);
  EXPECT_EQ(stopped.body, "\"stopped\"");
}

class Declaring : public BaseModel {
 public:
  Metadata get_metadata() const override {
    return {.name = "n", .description = "d", .takes_files = false, .extra = {{"custom", {1, 2}}}};
  }
  ArgSpecs get_test_args() const override { return {Arg("files")}; }
  ArgSpecs get_train_args() const override { return {Arg("ok")}; }
};

TEST(Declarations, MetadataLeavesOutWhatIsEmpty) {
  Loaded model(type_of<Declaring>());
  Outcome outcome;
  model.ask(type_of<Declaring>().get_metadata, outcome);
  EXPECT_EQ(outcome.body, R"({"name":"n","description":"d","custom":[1,2],"berth":{"takes_files":false}})");
}

TEST(Declarations, AReservedNameIsAnErrorThatSaysSo) {
  Loaded model(type_of<Declaring>());
  Outcome outcome;
  model.ask(type_of<Declaring>().get_test_args, outcome);
  EXPECT_EQ(outcome.kind, "error");
  EXPECT_NE(outcome.body.find("'files' is reserved"), std::string::npos);
  Outcome good;
  model.ask(type_of<Declaring>().get_train_args, good);
  EXPECT_EQ(good.body, R"([{"name":"ok","type":"str"}])");
}

}  // namespace
}  // namespace berth::test
