// SPDX-License-Identifier: Apache-2.0
#include "dialects/api_page.h"

#include <fstream>

#include "dialects/fixture.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class ApiPage : public DialectTest {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("api_page_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_ / "sub");
    write("swagger-ui.css", "css");
    write("swagger-ui-bundle.js", "bundle");
    write("swagger-ui-es-bundle.js", "variant");
    write("index.html", "theirs");
    write("sub/secret.js", "secret");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const char* name, const char* text) const { std::ofstream(folder_ / name) << text; }
  void open_page(const std::filesystem::path& folder, const std::string& base_path = "") {
    router_ = std::make_unique<http::Router>(base_path, guard_that_takes_all_for(caller_));
    dialects::add_api_page(*router_, folder, {.base_path = base_path});
  }

  std::filesystem::path folder_;
};

TEST_F(ApiPage, ServesThePageAndItsFilesWithTheirTypes) {
  open_page(folder_, "/x");
  const auto page = ask("GET", "/x/api");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("default-src 'self'"));
  EXPECT_THAT(std::string(page.body.view()), HasSubstr("src=\"/x/api/swagger-ui-bundle.js\""));
  const auto script = ask("GET", "/x/api/swagger-ui-bundle.js");
  EXPECT_EQ(script.body.view(), "bundle");
  EXPECT_EQ(header(script, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(header(ask("GET", "/x/api/swagger-ui.css"), "Content-Type"), "text/css; charset=utf-8");
  EXPECT_THAT(std::string(ask("GET", "/x/api/berth-start.js").body.view()), HasSubstr("\"/x/swagger.json\""));
}

TEST_F(ApiPage, AnswersNotModifiedToWhoHasTheFile) {
  open_page(folder_);
  const auto tag = header(ask("GET", "/api/swagger-ui.css"), "ETag");
  Exchange again;
  again.method = "GET";
  again.target = "/api/swagger-ui.css";
  again.headers = {{"If-None-Match", tag}};
  EXPECT_EQ(ask(to_request(again)).status, 304);
  again.headers = {{"If-None-Match", "\"other\""}};
  EXPECT_EQ(ask(to_request(again)).status, 200);
}

TEST_F(ApiPage, ServesNothingElse) {
  open_page(folder_);
  for (const char* target : {"/api/index.html", "/api/swagger-ui-es-bundle.js", "/api/sub", "/api/sub%2Fsecret.js",
                             "/api/..", "/api/..%2F..%2Fetc%2Fpasswd", "/api/%2Fetc%2Fpasswd", "/api/sub/secret.js"}) {
    const auto response = ask("GET", target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_THAT(std::string(response.body.view()), Not(HasSubstr("secret"))) << target;
  }
}

TEST_F(ApiPage, SaysWhatIsMissingWithoutTheViewer) {
  open_page(folder_ / "nonexistent");
  const auto page = ask("GET", "/api");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(std::string(page.body.view()), HasSubstr("not installed"));
  EXPECT_THAT(std::string(page.body.view()), HasSubstr("/swagger.json"));
}

TEST_F(ApiPage, LeadsFromTheOldAddress) {
  open_page(folder_, "/x");
  const auto response = ask("GET", "/x/ui");
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(header(response, "Location"), "/x/api");
}

}  // namespace
}  // namespace berth::test
