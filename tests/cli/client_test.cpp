// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <gmock/gmock.h>

#include "http/local_server.h"
#include "support/temp_folder.h"

namespace berth::cli {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Client, RefusesWhatIsNoAddress) {
  for (const auto* url : {"", "localhost:5000", "ftp://h"}) EXPECT_FALSE(Client::create(url, 1s)) << url;
  EXPECT_EQ(Client::create("http://h:1/x//", 1s)->url(), "http://h:1/x");
}

TEST(Client, SaysThatNobodyAnswers) {
  const auto answer = Client::create("http://127.0.0.1:1", 5s)->get("/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("no server answers at http://127.0.0.1:1"));
}

TEST(Client, GetsAnswersOfAnyStatus) {
  const http::LocalServer server([](const auto& peer) {
    peer.send("HTTP/1.1 422 No\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  });
  const auto answer = Client::create(server.url(""), 5s)->get("/x");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 422);
  EXPECT_EQ(answer->content_type, "application/json");
  EXPECT_EQ(answer->body, "{}");
}

TEST(Client, GivesUpAServerThatDoesNotAnswer) {
  const http::LocalServer server([](const auto& peer) { peer.wait_for_close(); });
  EXPECT_EQ(Client::create(server.url(""), 1s)->get("/").error().code, Code::timeout);
}

}  // namespace
}  // namespace berth::cli
