// SPDX-License-Identifier: Apache-2.0
// Tokens of a server whose files of keys are rotated: each counts for as long as the file that signed it is listed.
#include <signal.h>

#include <optional>

#include "fixtures.h"

namespace berth::test {
namespace {

namespace fs = std::filesystem;

class RotatedTokens : public testing::Test {
 protected:
  RotatedTokens() {
    for (const auto* name : {"old.key", "new.key"}) {
      fs::permissions(folder_.write(name, std::string(40, *name) + "\n"), fs::perms::owner_read);
    }
  }

  // The same server again, with these files.
  void serve(const std::string& files) {
    if (server_) {
      EXPECT_EQ(stop(), 0);
    }
    server_.emplace(ServerProcess::Options{
        .plugins = {fake("echo")},
        .config = "server: {anonymous: refused}\nstore: {url: 'sqlite:" + (folder_ / "berth.db").string() +
                  "'}\nidentity: {token_keys: [" + files + "]}\n"});
    if (admin_key_.empty()) admin_key_ = server_->admin_key();
  }
  int stop() {
    server_->signal(SIGTERM);
    return server_->wait(std::chrono::seconds(60));
  }
  std::string issue() const {
    auto admin = server_->client();
    admin.show_key(admin_key_);
    const auto answer = admin.post_json("/v2/berth/users/1/token", "");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return text_at(json_of(answer), "token");
  }
  int predict(const std::string& token) const {
    auto client = server_->client();
    client.show_key(token);
    return client.post_json("/v2/models/echo/predict", "{}").status;
  }

  const TempFolder folder_;
  const std::string old_ = (folder_ / "old.key").string(), new_ = (folder_ / "new.key").string();
  std::optional<ServerProcess> server_;
  std::string admin_key_;
};

TEST_F(RotatedTokens, CountUntilTheFileThatSignedThemIsGone) {
  serve(old_);
  const auto before = issue();
  EXPECT_EQ(predict(before), 200);

  serve(new_ + ", " + old_);
  EXPECT_EQ(predict(before), 200) << "the old file is still there";
  const auto after = issue();
  EXPECT_NE(after, before);
  EXPECT_EQ(predict(after), 200);

  serve(new_);
  EXPECT_EQ(predict(before), 401);
  EXPECT_EQ(predict(after), 200) << "the new file signed it";

  serve(old_);
  EXPECT_EQ(predict(after), 401) << "and the new file alone";
  EXPECT_EQ(predict(before), 200);
}

}  // namespace
}  // namespace berth::test
