// SPDX-License-Identifier: Apache-2.0
#include "net/chunked_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace berth::net {
namespace {

// What a decoder makes of `text`, given in pieces of `piece` bytes: the body, and "!status" where it was refused, "…"
// where it wants more.
std::string decode(std::string_view text, std::size_t piece, const Limits& limits = {}) {
  ChunkedDecoder decoder(limits);
  std::string body;
  while (!text.empty() && !decoder.done()) {
    auto input = text.substr(0, piece);
    text.remove_prefix(input.size());
    while (!input.empty() && !decoder.done()) {
      if (const auto refusal = decoder.skip_framing(input)) return body + "!" + std::to_string(refusal->status);
      const auto count = std::min(decoder.data_expected(), input.size());
      if (count == 0) continue;
      body += input.substr(0, count);
      input.remove_prefix(count);
      decoder.data_taken(count);
    }
  }
  return decoder.done() ? body : body + "…";
}

struct Case {
  std::string_view text;
  std::string_view result;
};

class ChunkedDecoderCases : public ::testing::TestWithParam<Case> {};

TEST_P(ChunkedDecoderCases, AreDecodedTheSameHoweverTheyAreCutUp) {
  for (std::size_t piece = 1; piece <= GetParam().text.size(); ++piece) {
    EXPECT_EQ(decode(GetParam().text, piece), GetParam().result) << "in pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(
    , ChunkedDecoderCases,
    ::testing::Values(Case{"0\r\n\r\n", ""}, Case{"5\r\nhello\r\n0\r\n\r\n", "hello"},
                      Case{"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
                      Case{"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
                      Case{"000000000005\r\nhello\r\n000\r\n\r\n", "hello"},
                      Case{"5;name=value\r\nhello\r\n0;x\r\n\r\n", "hello"},
                      Case{"5\r\nhello\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", "hello"}, Case{"5\r\nhel", "hel…"},
                      Case{"5\r\nhello\r\n0\r\n", "hello…"}, Case{"5\r\nhello0\r\n\r\n", "hello!400"},
                      Case{"5\nhello\r\n0\r\n\r\n", "!400"}, Case{"5\r\nhello\n0\r\n\r\n", "hello!400"},
                      Case{"5\r\r\nhello", "!400"}, Case{"\r\n5\r\nhello", "!400"}, Case{"0x5\r\nhello", "!400"},
                      Case{"+5\r\nhello", "!400"}, Case{"-5\r\nhello", "!400"}, Case{"5 \r\nhello", "!400"},
                      Case{" 5\r\nhello", "!400"}, Case{"g\r\n", "!400"}, Case{";x\r\n", "!400"},
                      Case{"5;a\nb\r\nhello", "!400"}, Case{"FFFFFFFFFFFFFFFF\r\n", "!413"},
                      Case{"10000000000000005\r\nhello", "!400"}, Case{"0\r\n bad\r\n\r\n", "!400"},
                      Case{"0\r\nX: 1\n\r\n", "!400"}));

TEST(ChunkedDecoder, CountsTheBodyAcrossChunks) {
  Limits limits;
  limits.max_body_bytes = 10;
  EXPECT_EQ(decode("5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", 7, limits), "hellohello");
  EXPECT_EQ(decode("5\r\nhello\r\n6\r\n", 7, limits), "hello!413");
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {
  EXPECT_EQ(decode("5;" + std::string(300, 'x') + "\r\nhello\r\n0\r\n\r\n", 100), "!400");
  EXPECT_EQ(decode("0\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 100), "!431");
}

}  // namespace
}  // namespace berth::net
