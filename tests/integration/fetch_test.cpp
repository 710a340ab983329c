// SPDX-License-Identifier: Apache-2.0
// URLs that clients name: the server fetches them for the model, from where the operator allows it.
#include <gmock/gmock.h>

#include "fixtures.h"
#include "http/local_server.h"

namespace berth::test {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: image/png\r\n\r\nbytes";

class Fetching : public testing::Test {
 protected:
  HttpAnswer ask(const ServerProcess& server) const {
    const auto target = "/v2/models/fetcher/predict/?urls=" + site_.url("/dir/seven.png");
    return server.client().send("POST", target);
  }

  const http::LocalServer site_{[](const auto& peer) { peer.send(kAnswer); }};
};

TEST_F(Fetching, BringsAModelTheBytesTheNameAndTheContentType) {
  const ServerProcess server(
      {.plugins = {fake("fetcher")}, .config = "fetch: {allow: [\"" + site_.address() + "\"]}\n"});
  const auto answer = ask(server);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto document = json_of(answer);
  const auto* files = json::find(document, "predictions");
  ASSERT_TRUE(files != nullptr && files->IsArray() && files->Size() == 1) << answer.body;
  const auto& file = (*files)[0];
  EXPECT_EQ(text_at(file, "name"), "seven.png");
  EXPECT_EQ(text_at(file, "content_type"), "image/png");
  const auto* bytes = json::find(file, "bytes");
  ASSERT_TRUE(bytes != nullptr && bytes->IsInt()) << answer.body;
  EXPECT_EQ(bytes->GetInt(), 5);
}

TEST_F(Fetching, IsForbiddenInsideUnlessItIsAllowed) {
  const ServerProcess server({.plugins = {fake("fetcher")}});
  const auto answer = ask(server);
  EXPECT_EQ(answer.status, 403) << answer.body;
  EXPECT_THAT(answer.body, testing::HasSubstr("address"));
  EXPECT_EQ(site_.connections(), 0);
}

TEST_F(Fetching, IsForbiddenFromWhatIsDeniedAlthoughItIsAllowed) {
  const ServerProcess server(
      {.plugins = {fake("fetcher")}, .config = "fetch: {allow: [\"" + site_.address() + "\"], deny: [127.0.0.0/8]}\n"});
  const auto answer = ask(server);
  EXPECT_EQ(answer.status, 403) << answer.body;
  EXPECT_THAT(answer.body, testing::HasSubstr("not fetched from"));
  EXPECT_EQ(site_.connections(), 0);
}

}  // namespace
}  // namespace berth::test
