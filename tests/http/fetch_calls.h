// SPDX-License-Identifier: Apache-2.0
// Short ways to fetch something in a test, and the answers that servers give there.
#pragma once

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/fetch.h"

namespace berth::http {

inline std::future<Result<FetchedFile>> start(Fetcher& fetcher, const std::string& url) {
  auto promise = std::make_shared<std::promise<Result<FetchedFile>>>();
  auto future = promise->get_future();
  fetcher.fetch(url, [promise](Result<FetchedFile> result) { promise->set_value(std::move(result)); });
  return future;
}

inline std::unique_ptr<Fetcher> make(FetchOptions options) { return *Fetcher::create(std::move(options)); }

inline Result<FetchedFile> fetch(const std::string& url, FetchOptions options) {
  return start(*make(std::move(options)), url).get();
}

inline void expect_error(const Result<FetchedFile>& result, Code code, const std::string& message) {
  ASSERT_FALSE(result);
  EXPECT_EQ(to_string(result.error().code), to_string(code)) << result.error().message;
  EXPECT_THAT(result.error().message, testing::HasSubstr(message));
}

inline std::string ok(std::string_view body, std::string_view headers = "") {
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: ";
  return answer.append(std::to_string(body.size())).append("\r\n").append(headers).append("\r\n").append(body);
}

inline std::string redirect(std::string_view location) {
  std::string answer = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ";
  return answer.append(location).append("\r\n\r\n");
}

}  // namespace berth::http
