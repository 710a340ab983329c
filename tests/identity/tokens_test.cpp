// SPDX-License-Identifier: Apache-2.0
#include "identity/tokens.h"

#include <gmock/gmock.h>
#include <jwt.h>

#include <cstdlib>
#include <memory>

namespace berth::identity {
namespace {

using std::chrono::system_clock;

const std::string kKey(32, 'a'), kOther(32, 'b');
const auto kNow = system_clock::from_time_t(1'800'000'000);
const Token kToken{.user_id = 5, .issued = 1'800'000'000, .expires = 1'800'003'600};

std::string issue(const std::vector<std::string>& keys, const Token& token = kToken) {
  return *(*Tokens::create(keys))->issue(token);
}
Result<Token> verify(const std::vector<std::string>& keys, const std::string& text,
                     system_clock::time_point now = kNow) {
  const auto tokens = Tokens::create(keys);
  auto first = (*tokens)->verify(text, now);
  const auto again = (*tokens)->verify(text, now);
  EXPECT_EQ(first.has_value(), again.has_value()) << "what is remembered says the same";
  return first;
}

// As somebody else makes one.
std::string forge(jwt_alg_t algorithm, const std::string& key, const char* subject, long expires) {
  jwt_t* jwt = nullptr;
  ::jwt_new(&jwt);
  if (algorithm != JWT_ALG_NONE) {
    ::jwt_set_alg(jwt, algorithm, reinterpret_cast<const unsigned char*>(key.data()), static_cast<int>(key.size()));
  }
  if (subject != nullptr) ::jwt_add_grant(jwt, "sub", subject);
  if (expires != 0) ::jwt_add_grant_int(jwt, "exp", expires);
  char* text = ::jwt_encode_str(jwt);
  std::string made = text;
  std::free(text);
  ::jwt_free(jwt);
  return made;
}
constexpr long kLater = 1'900'000'000;

TEST(Tokens, SayWhoTheyAreForAndUntilWhen) {
  const auto token = verify({kKey}, issue({kKey}));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->user_id, 5);
  EXPECT_EQ(token->issued, kToken.issued);
  EXPECT_EQ(token->expires, kToken.expires);
  EXPECT_EQ(token->deployment, "");
  auto scoped = kToken;
  scoped.deployment = "dep-1";
  scoped.key_id = 7;
  EXPECT_EQ(verify({kKey}, issue({kKey}, scoped))->deployment, "dep-1");
  EXPECT_EQ(verify({kKey}, issue({kKey}, scoped))->key_id, 7);
  EXPECT_EQ(token->key_id, 0);
}

TEST(Tokens, EndWhenTheySay) {
  const auto text = issue({kKey});
  EXPECT_TRUE(verify({kKey}, text, system_clock::from_time_t(kToken.expires - 1)));
  EXPECT_FALSE(verify({kKey}, text, system_clock::from_time_t(kToken.expires)));
}

TEST(Tokens, AreVerifiedByEveryKeyAndSignedByTheFirst) {
  const auto text = issue({kKey});
  EXPECT_TRUE(verify({kOther, kKey}, text)) << "the old key still counts";
  EXPECT_FALSE(verify({kOther}, text)) << "until it is taken away";
  EXPECT_EQ(verify({kOther, kKey}, issue({kOther, kKey}))->user_id, 5);
}

TEST(Tokens, OfAnotherAlgorithmAreNone) {
  EXPECT_TRUE(verify({kKey}, forge(JWT_ALG_HS256, kKey, "5", kLater)));
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_HS512, kKey, "5", kLater))) << "though the key fits";
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_NONE, "", "5", kLater)));
}

TEST(Tokens, ThatAreChangedAreNone) {
  const auto text = issue({kKey});
  for (std::size_t i = 0; i < text.size(); ++i) {
    // The last character of each part may differ in bits that stand for nothing.
    if (i + 1 == text.size() || text[i + 1] == '.' || text[i] == '.') continue;
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify({kKey}, changed)) << i;
  }
}

TEST(Tokens, WithoutAUserOrAnEndAreNone) {
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_HS256, kKey, nullptr, kLater)));
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_HS256, kKey, "ada", kLater)));
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_HS256, kKey, "5x", kLater)));
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_HS256, kKey, "0", kLater)));
  EXPECT_FALSE(verify({kKey}, forge(JWT_ALG_HS256, kKey, "5", 0)));
}

TEST(Tokens, ThatAreNoneSayOnlyThat) {
  for (const std::string& text : {std::string(), std::string("abc"), std::string("a.b.c"), std::string("..."),
                                  std::string(10'000, 'a'), std::string("a\0b", 3)}) {
    const auto token = verify({kKey}, text);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, Code::unauthenticated);
    EXPECT_EQ(token.error().message, "the token is not valid");
  }
}

TEST(Tokens, NeedAKeyThatIsLongEnough) {
  EXPECT_FALSE(Tokens::create({}));
  EXPECT_FALSE(Tokens::create({kKey, std::string(31, 'x')}));
}

}  // namespace
}  // namespace berth::identity
