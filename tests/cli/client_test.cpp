// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <gmock/gmock.h>

#include <atomic>
#include <vector>

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

// Lets in everybody, or those alone who show the key.
struct Guarded {
  explicit Guarded(bool lets_all_in)
      : server([this, lets_all_in](const auto& peer) {
          const bool has_key = peer.header.find("X-API-Key: k1\r\n") != std::string::npos;
          ++(has_key ? with_key : without_key);
          peer.send(lets_all_in || has_key ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                           : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        }) {}
  // The statuses of one request of each kind.
  std::vector<long> ask(const Key& key) const {
    const auto client = *Client::create(server.url(""), 30s, key);
    Client::Sent sent;
    std::vector<long> statuses;
    for (const auto& answer : {client.get("/"), client.send("PUT", "/", ""), client.post("/", {}, sent)}) {
      statuses.push_back(answer ? answer->status : -1);
    }
    return statuses;
  }

  std::atomic<int> with_key = 0, without_key = 0;
  const http::LocalServer server;
};

TEST(Client, ShowsAKeyThatNobodyNamedOnlyWhereItIsAskedForOne) {
  Guarded open(true), closed(false);
  EXPECT_THAT(open.ask({.text = "k1", .is_guess = true}), testing::Each(200));
  EXPECT_EQ(open.with_key, 0);
  EXPECT_THAT(closed.ask({.text = "k1", .is_guess = true}), testing::Each(200));
  EXPECT_EQ(closed.without_key, 3);
  EXPECT_EQ(closed.with_key, 3);
}

TEST(Client, ShowsAKeyThatIsNamedAtOnce) {
  Guarded open(true), closed(false);
  EXPECT_THAT(open.ask({.text = "k1"}), testing::Each(200));
  EXPECT_EQ(open.with_key, 3);
  EXPECT_EQ(open.without_key, 0);
  EXPECT_THAT(closed.ask({}), testing::Each(401));
  EXPECT_EQ(closed.without_key, 3);
}

}  // namespace
}  // namespace berth::cli
