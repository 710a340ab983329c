// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_request.h"

#include <gmock/gmock.h>

#include "cli/exit_code.h"
#include "http/local_server.h"
#include "support/temp_folder.h"

namespace berth::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// One answer of a server.
struct AServer {
  explicit AServer(const std::string& status, const std::string& body = "")
      : server([answer = "HTTP/1.1 " + status + " Said\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                         body](const auto& peer) { peer.send(answer); }) {}
  Result<Client> client() const { return Client::create(server.url(""), 5s); }

  http::LocalServer server;
};

TEST(AdminRequest, GivesTheBodyOrTheServersOwnReason) {
  const auto said = [](const std::string& status, const std::string& body) {
    const AServer server(status, body);
    const auto answer = ask(*server.client(), {"PATCH", "/x", "{}"});
    return answer ? *answer : "refused: " + answer.error().message;
  };
  EXPECT_EQ(said("200", "[1]"), "[1]");
  EXPECT_EQ(said("204", ""), "");
  EXPECT_EQ(said("409", R"({"message":"the last one"})"), "refused: the last one");
  EXPECT_EQ(said("400", R"({"error":"no such version"})"), "refused: no such version");
  EXPECT_EQ(said("502", "<html>"), "refused: it answered with status 502");
}

TEST(AdminRequest, SaysWhoMayLook) {
  const auto seen = [](const std::string& status) {
    const AServer server(status, "[]");
    return look_at(*server.client(), "/x", "admins");
  };
  EXPECT_EQ(*seen("200"), "[]");
  for (const auto* status : {"401", "403"}) {
    EXPECT_THAT(seen(status).error().message, HasSubstr(" shows this to admins: name a key by --key-file"));
  }
  EXPECT_EQ(seen("404").error().code, Code::not_found);
  EXPECT_THAT(seen("500").error().message, HasSubstr(" answered with status 500"));
}

TEST(AdminRequest, NeedsAnAddressAndAKeyThatCanBeRead) {
  const test::TempFolder folder;
  EXPECT_FALSE(open_client({.url = "ftp://h"}, 1s));
  EXPECT_FALSE(open_client({.key_file = (folder / "none").string()}, 1s));
}

TEST(AdminRequest, EndsAsItWent) {
  EXPECT_EQ(print(std::string("done")), kOk);
  EXPECT_EQ(print(failure(Code::internal, "it did not work")), kFailed);
}

}  // namespace
}  // namespace berth::cli
