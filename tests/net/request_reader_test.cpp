// SPDX-License-Identifier: Apache-2.0
#include "net/request_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace berth::net {
namespace {

using State = RequestReader::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

class RequestReaderTest : public ::testing::Test {
 protected:
  State feed(std::string_view text) {
    rest_ = text;
    return reader_.feed(rest_, now_);
  }

  Limits limits_;
  std::shared_ptr<Gauges> gauges_ = std::make_shared<Gauges>(limits_);
  RequestReader reader_{limits_, gauges_};
  RequestReader::TimePoint now_ = std::chrono::steady_clock::now();
  std::string_view rest_;
};

TEST_F(RequestReaderTest, ReadsOneRequestAfterTheOther) {
  ASSERT_EQ(feed("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.0\r\n\r\n"), State::complete);
  const auto first = reader_.take();
  EXPECT_EQ(first.request.path, "/a");
  EXPECT_EQ(first.request.body.view(), "hi");
  EXPECT_TRUE(first.keep_alive);
  EXPECT_FALSE(reader_.busy());
  ASSERT_EQ(feed(rest_), State::complete);
  const auto second = reader_.take();
  EXPECT_EQ(second.request.path, "/b");
  EXPECT_TRUE(second.request.body.empty());
  EXPECT_TRUE(second.http_1_0);
  EXPECT_NE(first.request.id, second.request.id);
}

TEST_F(RequestReaderTest, TakesOverASaneRequestIdAndReplacesAnother) {
  ASSERT_EQ(feed("GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine-1\r\n\r\n"), State::complete);
  EXPECT_EQ(reader_.take().request.id, "mine-1");
  ASSERT_EQ(feed("GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: not sane\r\n\r\n"), State::complete);
  EXPECT_EQ(reader_.take().request.id.size(), 32U);
}

TEST_F(RequestReaderTest, LetsLargeBodiesBeReceivedInPlace) {
  const std::size_t size = 100'000;
  ASSERT_EQ(feed("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nab"), State::incomplete);
  const char* const place = reader_.direct_room().data();
  std::size_t received = 2;
  auto state = State::incomplete;
  for (auto room = reader_.direct_room(); !room.empty(); room = reader_.direct_room()) {
    std::memset(room.data(), 'c', room.size());
    received += room.size();
    state = reader_.received(room.size());
  }
  if (state == State::incomplete) state = feed(std::string(size - received, 'c'));  // a short rest is not worth it
  ASSERT_EQ(state, State::complete);
  const auto read = reader_.take();
  EXPECT_EQ(read.request.body.data() + 2, place);
  EXPECT_TRUE(read.request.body.view() == "ab" + std::string(size - 2, 'c'));
}

TEST_F(RequestReaderTest, RefusesABodyThatTheBudgetCannotHoldBeforeItComes) {
  ASSERT_TRUE(gauges_->take_body_bytes(limits_.max_body_bytes_in_memory - 10));
  EXPECT_EQ(feed("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"), State::refused);
  EXPECT_EQ(reader_.refusal().status, 503);
}

TEST_F(RequestReaderTest, RefusesAHeadThatTakesTooLong) {
  ASSERT_EQ(feed("GET / HT"), State::incomplete);
  EXPECT_FALSE(reader_.overdue(now_ + limits_.header_timeout - milliseconds(1)));
  const auto refusal = reader_.overdue(now_ + limits_.header_timeout);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 408);
}

TEST_F(RequestReaderTest, CountsNoTimeBeforeTheFirstByte) { EXPECT_FALSE(reader_.overdue(now_ + seconds(1000))); }

TEST_F(RequestReaderTest, RefusesABodyThatStalls) {
  ASSERT_EQ(feed("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + std::string(60'000, 'x')),
            State::incomplete);
  EXPECT_FALSE(reader_.overdue(now_ + limits_.body_grace - milliseconds(1)));
  // 60,000 bytes are fast enough for the first window, and no credit for the second.
  EXPECT_FALSE(reader_.overdue(now_ + limits_.body_grace));
  EXPECT_TRUE(reader_.overdue(now_ + 2 * limits_.body_grace));
}

TEST_F(RequestReaderTest, LetsASlowButSteadyBodyCome) {
  ASSERT_EQ(feed("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"), State::incomplete);
  for (int window = 1; window <= 20; ++window) {
    ASSERT_EQ(feed(std::string(limits_.min_body_bytes_per_second * 10, 'x')), State::incomplete);
    EXPECT_FALSE(reader_.overdue(now_ + window * limits_.body_grace));
  }
}

TEST_F(RequestReaderTest, WaitsForAContinueThatWasNotSentYet) {
  ASSERT_EQ(feed("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"), State::incomplete);
  EXPECT_TRUE(reader_.wants_continue());
  EXPECT_FALSE(reader_.overdue(now_ + seconds(1000)));
  reader_.continue_sent(now_ + seconds(1000));
  EXPECT_FALSE(reader_.overdue(now_ + seconds(1001)));
  EXPECT_TRUE(reader_.overdue(now_ + seconds(1000) + limits_.body_grace));
  EXPECT_EQ(feed("hello"), State::complete);
}

TEST_F(RequestReaderTest, SendsNoContinueForABodyThatIsThere) {
  ASSERT_EQ(feed("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhel"),
            State::incomplete);
  EXPECT_FALSE(reader_.wants_continue());
}

}  // namespace
}  // namespace berth::net
