// SPDX-License-Identifier: Apache-2.0
// Every stream of streams.txt, as it is, byte by byte, and cut in two everywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include "hostile/stream_cases.h"
#include "net/request_reader.h"
#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

using ::testing::Contains;
using ::testing::Not;

class Streams : public ::testing::TestWithParam<StreamCase> {
 protected:
  // What is sent: the stream, and behind one that is refused a request that must never be seen.
  static std::string bytes() { return GetParam().bytes + (GetParam().refused() ? get("/smuggled") : ""); }

  void expect_answers(Wire& wire) {
    for (const int status : GetParam().statuses) {
      const auto response = wire.read();
      ASSERT_TRUE(response) << "no answer where " << status << " was expected";
      EXPECT_EQ(response->status, status) << response->body;
      EXPECT_NE(response->header("x-request-id"), "");
      if (status >= 400) {
        EXPECT_EQ(response->header("connection"), "close");
        EXPECT_EQ(response->header("content-type"), "application/json");
      }
    }
    if (GetParam().stays_open) {
      ASSERT_TRUE(wire.send(get("/still-open")));
      const auto response = wire.read();
      ASSERT_TRUE(response);
      EXPECT_EQ(response->body, "GET /still-open");
    } else {
      wire.shutdown_write();
      EXPECT_TRUE(wire.ends());
    }
  }

  void expect_unharmed() {
    EXPECT_THAT(server_.seen(), Not(Contains("/smuggled")));
    auto wire = server_.connect();
    ASSERT_TRUE(wire.send(get("/healthy")));
    EXPECT_EQ(wire.read()->body, "GET /healthy");
  }

  RunningServer server_;
};

TEST_P(Streams, AreAnswered) {
  auto wire = server_.connect();
  wire.send(bytes());
  expect_answers(wire);
  expect_unharmed();
}

TEST_P(Streams, AreAnsweredTheSameByteByByte) {
  auto wire = server_.connect();
  wire.send_bytewise(bytes());
  expect_answers(wire);
  expect_unharmed();
}

// What the reader makes of the bytes, without sockets: 200 for each request, or the refusal.
class ReaderRun {
 public:
  void feed(std::string_view bytes) {
    pending_ += bytes;
    std::string_view input = pending_;
    while (!input.empty() && !ended_) {
      const auto state = reader_.feed(input, {});
      if (state == net::RequestReader::State::incomplete) break;
      if (state == net::RequestReader::State::complete) {
        ended_ = !reader_.take().keep_alive;
        statuses_.push_back(200);
      } else {
        statuses_.push_back(reader_.refusal().status);
        ended_ = true;
      }
    }
    pending_.erase(0, pending_.size() - input.size());
  }
  const std::vector<int>& statuses() const { return statuses_; }

 private:
  net::Limits limits_;
  net::RequestReader reader_{limits_, std::make_shared<net::Gauges>(limits_)};
  std::string pending_;
  std::vector<int> statuses_;
  bool ended_ = false;
};

TEST_P(Streams, AreReadTheSameHoweverTheyAreCutInTwo) {
  const auto all = bytes();
  // Long runs of one byte are no more interesting in their middle.
  for (std::size_t cut = 0; cut <= all.size(); cut += cut < 400 || cut + 400 > all.size() ? 1 : 97) {
    ReaderRun run;
    run.feed(std::string_view(all).substr(0, cut));
    run.feed(std::string_view(all).substr(cut));
    ASSERT_EQ(run.statuses(), GetParam().statuses) << "cut at " << cut;
  }
}

std::string test_name(const ::testing::TestParamInfo<StreamCase>& info) {
  std::string name = info.param.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Hostile, Streams, ::testing::ValuesIn(load_stream_cases(BERTH_STREAMS_FILE)), test_name);

}  // namespace
}  // namespace berth::test
