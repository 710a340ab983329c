// SPDX-License-Identifier: Apache-2.0
// Whom the server takes a request to be from, where a proxy says so: by what it logs, and by whom it shows its listing.
#include <gmock/gmock.h>

#include "fixtures.h"

namespace berth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kClient = "203.0.113.9";

class Forwarding : public testing::Test {
 protected:
  const ServerProcess server_{{.plugins = {fake("echo")},
                               .config = "server: {trusted_proxies: [127.0.0.1, 10.0.0.0/8]}\n"
                                         "limits: {max_body_bytes: 1000}\n"}};

  int listing(const HttpClient::Headers& headers, const std::string& from = "127.0.0.1") const {
    auto client = server_.client();
    client.call_from(from);
    return client.send("GET", "/v2/models/", headers).status;
  }
  // The log line of a request that was too large.
  std::string refusal(const std::string& id, HttpClient::Headers headers, const std::string& from = "127.0.0.1") const {
    auto client = server_.client();
    client.call_from(from);
    headers.emplace_back("X-Request-Id", id);
    EXPECT_EQ(client.send("POST", "/v2/models/echo/predict", headers, std::string(2000, 'x')).status, 413);
    const auto log = server_.log();
    const auto at = log.find(id);
    if (at == log.npos) return "";
    const auto begin = log.rfind('\n', at) + 1;
    return log.substr(begin, log.find('\n', at) - begin);
  }
};

TEST_F(Forwarding, OfATrustedProxyTellsWhoTheClientIs) {
  EXPECT_THAT(refusal("request-1", {{"X-Forwarded-For", kClient}}), HasSubstr(std::string("; from ") + kClient));
  EXPECT_THAT(refusal("request-2", {{"Forwarded", "for=\"[2001:db8::9]:4711\", for=10.0.0.7"}}),
              HasSubstr("; from 2001:db8::9"));
  EXPECT_THAT(refusal("request-3", {{"X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.0.0.7"}}),
              HasSubstr(std::string("; from ") + kClient));
  EXPECT_THAT(refusal("request-4", {{"X-Forwarded-For", "203.0.113.9, unknown"}}), HasSubstr("; from 127.0.0.1"));
}

TEST_F(Forwarding, OfAnybodyElseIsIgnored) {
  const auto line = refusal("request-5", {{"X-Forwarded-For", kClient}, {"Forwarded", "for=203.0.113.9"}}, "127.0.0.2");
  EXPECT_THAT(line, HasSubstr("; from 127.0.0.2"));
  EXPECT_THAT(line, Not(HasSubstr(kClient)));
}

TEST_F(Forwarding, DecidesWhoIsOfThisMachineAndNeedsNoKey) {
  EXPECT_EQ(listing({}), 200);
  EXPECT_EQ(listing({{"X-Forwarded-For", "127.0.0.1"}}), 200);
  EXPECT_EQ(listing({{"X-Forwarded-For", kClient}}), 401);
  EXPECT_EQ(listing({{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}}), 401);
  EXPECT_EQ(listing({{"X-Forwarded-For", "127.0.0.1, 10.0.0.7"}}), 401) << "another machine's loopback";
  EXPECT_EQ(listing({{"X-Forwarded-For", "garbage"}}), 401) << "for somebody unknown";
  EXPECT_EQ(listing({}, "127.0.0.2"), 200);
  EXPECT_EQ(listing({{"X-Forwarded-For", "127.0.0.1"}}, "127.0.0.2"), 401) << "by a proxy that is not trusted";
}

}  // namespace
}  // namespace berth::test
