// SPDX-License-Identifier: Apache-2.0
// A large upload costs its own bytes, once, and holds up nobody else on the same I/O thread.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

constexpr std::size_t kPiece = 1UL << 20;
constexpr std::size_t kPieces = 200;
constexpr std::size_t kBody = kPiece * kPieces;

// The most memory that this process has had since forget().
struct PeakMemory {
  static void forget() { std::ofstream("/proc/self/clear_refs") << "5"; }
  static std::size_t bytes() {
    std::ifstream in("/proc/self/status");
    for (std::string word; in >> word;) {
      std::size_t kilobytes = 0;
      if (word == "VmHWM:" && in >> kilobytes) return kilobytes * 1024;
    }
    return 0;
  }
};

void expect_answered(Wire& wire) {
  ASSERT_TRUE(wire.send(get("/other")));
  const auto response = wire.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

class LargeUpload : public testing::TestWithParam<std::string> {
 protected:
  // The head, and a piece as it goes over the wire.
  bool chunked() const { return GetParam() == "Chunked"; }
  std::string head() const {
    return "POST /hold HTTP/1.1\r\nHost: h\r\n" +
           (chunked() ? std::string("Transfer-Encoding: chunked") : "Content-Length: " + std::to_string(kBody)) +
           "\r\n\r\n";
  }
  std::string piece() const {
    const std::string bytes(kPiece, 'x');
    return chunked() ? "100000\r\n" + bytes + "\r\n" : bytes;
  }
};

TEST_P(LargeUpload, TakesItsOwnSizeInMemoryAndLetsOthersBeAnsweredMeanwhile) {
  net::Options options;
  options.limits.max_body_bytes = kBody;
  RunningServer server(options);
  auto other = server.connect();
  expect_answered(other);
  PeakMemory::forget();
  [[maybe_unused]] const auto before = PeakMemory::bytes();

  auto uploading = server.connect();
  ASSERT_TRUE(uploading.send(head()));
  const auto one = piece();
  for (std::size_t sent = 1; sent < kPieces; ++sent) {
    ASSERT_TRUE(uploading.send(one));
    if (sent % 10 == 0) expect_answered(other);
  }
  ASSERT_TRUE(server.wait_for([](const auto& now) { return now.body_bytes_in_memory >= kBody - kPiece; }));
  expect_answered(other);
  ASSERT_TRUE(uploading.send(one));
  if (chunked()) {
    ASSERT_TRUE(uploading.send("0\r\n\r\n"));
  }
  auto held = server.take_held();
  EXPECT_EQ(held.request.body.size(), kBody);
  expect_answered(other);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep books in memory of their own
  const auto cost = PeakMemory::bytes() - before;
  EXPECT_GT(cost, kBody - kBody / 8) << "it is not measured";
  EXPECT_LT(cost, kBody + kBody / 8);
#endif
  held.reply.send(http::Response::text(200, "taken"));
  const auto response = uploading.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "taken");
}

INSTANTIATE_TEST_SUITE_P(Framing, LargeUpload, testing::Values("ContentLength", "Chunked"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace berth::test
