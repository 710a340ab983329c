// SPDX-License-Identifier: Apache-2.0
// Fetching by names that lead elsewhere than they say, or elsewhere each time: what counts is the address that the
// connection is made to. The test answers the look-ups; sockets and libcurl are real.
#include <atomic>
#include <future>

#include "fake_names.h"
#include "fetch_calls.h"
#include "local_server.h"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

std::string port_of(const LocalServer& server) { return std::string(":").append(std::to_string(server.port())); }

// What must not be reached, on the server's port at another address of this machine.
class FetchNames : public testing::Test {
 protected:
  const LocalServer server_{[](const auto& peer) { peer.send(ok("allowed")); }};
  const LocalServer inside_{[](const auto& peer) { peer.send(ok("secret")); }, "127.0.0.2", server_.port()};
  const FetchOptions options_{.rules = {.allow = {server_.address()}}, .connect_timeout = 5s, .total_timeout = 60s};

  std::string url(const std::string& host) const {
    return std::string("http://").append(host + port_of(server_) + "/");
  }
};

TEST_F(FetchNames, ThatLeadInsideAreRefusedWhateverTheyAre) {
  for (const auto* address :
       {"127.0.0.1", "127.0.0.2", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1",
        "::127.0.0.1", "fe80::1", "fe80::1%1", "fd00::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::1"}) {
    const FakeName name("files.test", {address});
    expect_error(fetch(url("files.test"), {.connect_timeout = 5s}), Code::forbidden, "files.test leads to a");
    EXPECT_EQ(name.lookups(), 1) << address;
  }
  const FakeName with_dot("files.test.", {"127.0.0.1"});
  expect_error(fetch(url("files.test."), {}), Code::forbidden, "loopback");
  EXPECT_EQ(server_.connections() + inside_.connections(), 0);
}

TEST_F(FetchNames, LikeLocalhostAreLookedAtByTheirAddressToo) {
  expect_error(fetch(url("localhost"), {}), Code::forbidden, "loopback");
  EXPECT_FALSE(fetch(url("LOCALHOST."), {}));
  expect_error(fetch(url("a.localhost"), {}), Code::forbidden, "loopback");
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(FetchNames, AreLookedUpOnceAndTheCheckedAddressIsTheOneThatIsConnectedTo) {
  std::atomic<int> asked = 0;
  const FakeName name("rebinds.test",
                      [&asked]() -> std::vector<std::string> { return {++asked == 1 ? "127.0.0.1" : "127.0.0.2"}; });
  const auto file = fetch(url("rebinds.test"), options_);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), "allowed");
  EXPECT_EQ(name.lookups(), 1);
  EXPECT_EQ(inside_.connections(), 0);
}

TEST_F(FetchNames, ThatLeadInsideAtTheNextFetchAreRefusedThen) {
  auto fetcher = make(options_);
  const FakeName outside("rebinds.test", {"127.0.0.1"});
  ASSERT_TRUE(start(*fetcher, url("rebinds.test")).get());
  const FakeName inside("rebinds.test", {"127.0.0.2"});
  expect_error(start(*fetcher, url("rebinds.test")).get(), Code::forbidden, "loopback");
  EXPECT_EQ(inside_.connections(), 0);
}

TEST_F(FetchNames, AreCheckedAgainAtEachHop) {
  const FakeName first("first.test", {"127.0.0.1"});
  const FakeName second("second.test", {"127.0.0.2"});
  std::string target;
  const LocalServer redirecting([&](const auto& peer) { peer.send(redirect(target)); });
  target = url("second.test");
  const auto from = std::string("http://first.test").append(port_of(redirecting)).append("/");
  expect_error(fetch(from, {.rules = {.allow = {redirecting.address()}}}), Code::forbidden, "second.test leads to a");
  // The same name, another address each time that it is looked up.
  std::atomic<int> asked = 0;
  const FakeName rebinding(
      "rebinds.test", [&asked]() -> std::vector<std::string> { return {++asked == 1 ? "127.0.0.1" : "127.0.0.2"}; });
  target = url("rebinds.test");
  const auto again = std::string("http://rebinds.test").append(port_of(redirecting)).append("/");
  expect_error(fetch(again, {.rules = {.allow = {redirecting.address()}}}), Code::forbidden, "rebinds.test leads to a");
  EXPECT_EQ(server_.connections() + inside_.connections(), 0);
}

TEST_F(FetchNames, WithSeveralAddressesAreFetchedFromTheAllowedOneAlone) {
  const FakeName name("several.test", {"127.0.0.2", "127.0.0.1"});
  const auto file = fetch(url("several.test"), options_);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), "allowed");
  EXPECT_EQ(inside_.connections(), 0);
}

TEST_F(FetchNames, ThatAreAllowedAreTrustedWhereverTheyLeadUnlessThatIsDenied) {
  const FakeName name("files.test", {"127.0.0.2"});
  const auto host = std::string("files.test").append(port_of(server_));
  const auto file = fetch(url("files.test"), {.rules = {.allow = {host}}});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), "secret");
  expect_error(fetch(url("files.test"), {.rules = {.allow = {host}, .deny = {"127.0.0.0/8"}}}), Code::forbidden,
               "files.test is among the servers that are not fetched from");
  EXPECT_EQ(inside_.connections(), 1);
}

TEST_F(FetchNames, ThatAreDeniedAreNotEvenLookedUp) {
  const FakeName name("denied.test", {"127.0.0.1"});
  auto options = options_;
  options.rules.deny = {"denied.test"};
  expect_error(fetch(url("denied.test"), options), Code::forbidden, "denied.test is among");
  expect_error(fetch(url("Denied.TEST"), options), Code::forbidden, "denied.test is among");
  EXPECT_EQ(name.lookups(), 0);
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(FetchNames, ThatAreNotAllowedAreRefusedWhereNothingElseMayBe) {
  const FakeName name("public.test", {"8.8.8.8"});
  auto options = options_;
  options.rules.only_allowed = true;
  expect_error(fetch("http://public.test/", options), Code::forbidden, "public.test is not among");
  EXPECT_TRUE(fetch(server_.url("/"), options));
}

// A look-up that lasts until the test lets it go, or too long. Its thread may outlive it.
class SlowName {
 public:
  void wait_until_asked() { state_->asked.get_future().wait(); }
  void let_go() { state_->gate.set_value(); }
  bool was_let_go() { return state_->let_go.get_future().get(); }

 private:
  struct State {
    std::promise<void> asked;
    std::promise<void> gate;
    std::promise<bool> let_go;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
  FakeName name_{"slow.test", [state = state_]() -> std::vector<std::string> {
                   state->asked.set_value();
                   state->let_go.set_value(state->gate.get_future().wait_for(60s) == std::future_status::ready);
                   return {"127.0.0.1"};
                 }};
};

TEST_F(FetchNames, ThatAreSlowToLookUpAreGivenUpInTime) {
  SlowName slow;
  expect_error(fetch(url("slow.test"), {.total_timeout = 200ms}), Code::timeout, "in time");
  slow.let_go();
  EXPECT_TRUE(slow.was_let_go()) << "the fetch waited for the look-up";
}

TEST_F(FetchNames, ThatAreSlowToLookUpDoNotKeepTheServerFromStopping) {
  SlowName slow;
  auto fetcher = make({.connect_timeout = 120s, .total_timeout = 120s});
  auto running = start(*fetcher, url("slow.test"));
  slow.wait_until_asked();
  fetcher.reset();
  expect_error(running.get(), Code::cancelled, "");
  slow.let_go();
  EXPECT_TRUE(slow.was_let_go()) << "the server waited for the look-up";
}

}  // namespace
}  // namespace berth::http
