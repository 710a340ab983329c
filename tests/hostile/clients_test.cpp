// SPDX-License-Identifier: Apache-2.0
// Clients that mean no good, by what they do rather than by what they say.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "hostile/stream_cases.h"
#include "net/running_server.h"
#include "net/wire.h"

namespace berth::test {
namespace {

using std::chrono::milliseconds;

// 'S' asleep, 'R' running or about to, …; see proc(5).
char state_of(const std::filesystem::path& task) {
  std::ifstream file(task / "stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(") ");
  return name_end == text.npos ? '?' : text.at(name_end + 2);
}

// Whether no thread but this one runs. What clients sent has woken its thread by the time that sending it returns, and
// a thread that spins never sleeps again: there is nothing to wait for but the sleep. Where no descriptor is left to
// look with, somebody still runs who will give one back.
bool all_others_sleep() {
  const auto self = std::to_string(::gettid());
  std::error_code error;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    if (task->path().filename() != self && state_of(task->path()) == 'R') return false;
  }
  return !error;
}

bool comes_to_rest(RunningServer& server) {
  return server.wait_for([](const auto&) { return all_others_sleep(); });
}

void expect_healthy(RunningServer& server) {
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(get("/healthy")));
  const auto response = wire.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "GET /healthy");
}

TEST(HostileClients, AThreadThatSpinsWouldBeNoticed) {
  RunningServer server;
  std::atomic<bool> stop = false;
  std::jthread spinning([&stop] {
    while (!stop) continue;
  });
  EXPECT_TRUE(server.wait_for([](const auto&) { return !all_others_sleep(); }));
  stop = true;
  spinning.join();
  EXPECT_TRUE(comes_to_rest(server));
}

TEST(HostileClients, LeaveNoThreadSpinning) {
  RunningServer server;
  std::vector<Wire> open;
  for (const auto& stream : load_stream_cases(BERTH_STREAMS_FILE)) {
    for (const auto part : {stream.bytes.size() / 3, stream.bytes.size() * 2 / 3, stream.bytes.size()}) {
      open.push_back(server.connect());
      open.back().send(std::string_view(stream.bytes).substr(0, part));
    }
  }
  expect_healthy(server);
  EXPECT_TRUE(comes_to_rest(server));
  open.clear();
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.connections == 0; }));
  EXPECT_TRUE(comes_to_rest(server));
}

TEST(HostileClients, MayLeaveInTheMiddleOfAnything) {
  RunningServer server;
  const auto request = post("/echo", std::string(3000, 'x')) + post("/hold", "abc") +
                       "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut < request.size(); cut += cut < 3000 ? 101 : 3) {
    auto resets = server.connect();
    resets.send(std::string_view(request).substr(0, cut));
    resets.reset();
    auto closes = server.connect();
    closes.send(std::string_view(request).substr(0, cut));
  }
  EXPECT_TRUE(server.wait_for([](const auto& figures) { return figures.connections <= figures.requests_in_flight; }));
  expect_healthy(server);
}

TEST(HostileClients, MaySendNoise) {
  RunningServer server;
  std::mt19937 random(20261121);  // the same noise every time
  for (int round = 0; round < 300; ++round) {
    std::string noise(random() % 2000, '\0');
    for (auto& c : noise) c = static_cast<char>(random());
    if (round % 3 == 0) noise = "GET / HTTP/1.1\r\nHost: h\r\n" + noise;
    if (round % 3 == 1) noise = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + noise;
    auto wire = server.connect();
    wire.send(noise + "\r\n\r\n");
    wire.shutdown_write();
    std::string answer;
    EXPECT_TRUE(wire.read_to_end(answer));
  }
  expect_healthy(server);
}

TEST(HostileClients, AHundredSlowOnesHoldUpNobody) {
  net::Limits limits;
  limits.header_timeout = limits.body_grace = milliseconds(300);
  RunningServer server(with_limits(limits));
  std::vector<Wire> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(server.connect());
    slow.back().send("GET / HTTP/1.1\r\nX: ");
    slow.push_back(server.connect());
    slow.back().send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000000\r\n\r\n");
  }
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < milliseconds(200)) {
    for (auto& wire : slow) wire.send("x");
    expect_healthy(server);
  }
  for (auto& wire : slow) {
    const auto response = wire.read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408);
  }
  EXPECT_LT(server.server().figures().body_bytes_in_memory, 1'000'000U);
}

// Promising much costs the others nothing: only bytes that came count against the budget.
TEST(HostileClients, CannotFillTheBudgetWithPromises) {
  RunningServer server;
  std::vector<Wire> boasting;
  for (int i = 0; i < 50; ++i) {
    boasting.push_back(server.connect());
    boasting.back().send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 64000000\r\n\r\nx");
  }
  auto wire = server.connect();
  ASSERT_TRUE(wire.send(post("/echo", std::string(1'000'000, 'x'))));
  EXPECT_EQ(wire.read()->status, 200);
}

class LoweredDescriptorLimit {
 public:
  explicit LoweredDescriptorLimit(rlim_t limit) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{.rlim_cur = limit, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  ~LoweredDescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  LoweredDescriptorLimit(const LoweredDescriptorLimit&) = delete;
  LoweredDescriptorLimit& operator=(const LoweredDescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

// Ends a child however its test ends.
struct KilledAtTheEnd {
  pid_t pid;
  explicit KilledAtTheEnd(pid_t child) : pid(child) {}
  ~KilledAtTheEnd() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  KilledAtTheEnd(const KilledAtTheEnd&) = delete;
  KilledAtTheEnd& operator=(const KilledAtTheEnd&) = delete;
};

// Connects 400 times to the port it reads, says when it has, and keeps the connections until it is killed.
[[noreturn]] void flood(int ports, int done) {
  std::uint16_t port = 0;
  if (::read(ports, &port, sizeof port) != sizeof port) ::_exit(1);
  std::vector<Wire> wires;
  for (int i = 0; i < 400; ++i) wires.emplace_back(port);
  if (::write(done, "x", 1) != 1) ::_exit(1);
  for (;;) ::pause();
}

TEST(HostileClients, CannotTakeTheLastDescriptor) {
  int ports[2];
  int done[2];
  ASSERT_EQ(::pipe(ports), 0);
  ASSERT_EQ(::pipe(done), 0);
  const auto client = ::fork();  // before this process has threads; it has a descriptor limit of its own
  if (client == 0) flood(ports[0], done[1]);
  const KilledAtTheEnd ends(client);
  {
    const LoweredDescriptorLimit lowered(120);
    RunningServer server;  // its 4096 connections do not fit
    auto early = server.connect();
    ASSERT_TRUE(early.send(get("/early")));
    EXPECT_EQ(early.read()->status, 200);
    const auto port = server.port();
    ASSERT_EQ(::write(ports[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
    char byte = 0;
    ASSERT_EQ(::read(done[0], &byte, 1), 1);
    EXPECT_TRUE(server.wait_for([](const auto& figures) {
      return figures.connections <= 100 && UniqueFd(::fcntl(0, F_DUPFD_CLOEXEC, 0));
    })) << "no descriptor is left for anything else";
    EXPECT_TRUE(comes_to_rest(server));
    ASSERT_TRUE(early.send(get("/early")));
    EXPECT_EQ(early.read()->status, 200);
  }
  for (const int fd : {ports[0], ports[1], done[0], done[1]}) ::close(fd);
}

}  // namespace
}  // namespace berth::test
