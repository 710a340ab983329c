// SPDX-License-Identifier: Apache-2.0
#include "http/response.h"

#include <gmock/gmock.h>

#include "recorder.h"

namespace berth::http {
namespace {

TEST(Response, IsMadeWithItsContentType) {
  Recorder json{.response = Response::json(201, "{}")};
  EXPECT_EQ(json.response.status, 201);
  EXPECT_EQ(json.response.body.view(), "{}");
  EXPECT_EQ(json.header("Content-Type"), "application/json");
  EXPECT_EQ(Recorder{.response = Response::text(404, "x")}.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_TRUE(Response::empty(204).headers.empty());
}

TEST(Reply, DeliversOnce) {
  Recorder recorder;
  {
    auto reply = recorder.reply();
    reply.send(Response::text(200, "first"));
    EXPECT_FALSE(reply);
    reply.send(Response::text(200, "second"));
  }
  EXPECT_EQ(recorder.deliveries, 1);
  EXPECT_EQ(recorder.response.body.view(), "first");
}

TEST(Reply, Answers500WhenForgotten) {
  Recorder recorder;
  { const auto reply = recorder.reply(); }
  EXPECT_EQ(recorder.deliveries, 1);
  EXPECT_EQ(recorder.response.status, 500);
}

TEST(Reply, AnswersTheOldRequestWhenAssignedAnother) {
  Recorder old, fresh;
  auto reply = old.reply();
  reply = fresh.reply();
  EXPECT_EQ(old.response.status, 500);
  EXPECT_EQ(fresh.deliveries, 0);
  reply.send(Response::empty(204));
  EXPECT_EQ(fresh.response.status, 204);
  EXPECT_EQ(fresh.deliveries, 1);
  EXPECT_EQ(old.deliveries, 1);
}

TEST(Reply, AMovedFromReplyAnswersNothing) {
  Recorder recorder;
  auto reply = recorder.reply();
  Reply taken = std::move(reply);
  taken.send(Response::empty(204));
  EXPECT_EQ(recorder.deliveries, 1);
}

}  // namespace
}  // namespace berth::http
