// SPDX-License-Identifier: Apache-2.0
#include "hosting/child_output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "hosting/priority.h"

namespace berth::hosting {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookUpEvery{100};  // from waiting, to see whether the answer is still wanted

struct Pipe {
  UniqueFd reading, writing;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure(Code::unavailable, std::string("pipe: ") + std::strerror(errno));
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  ::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

// Appends what is there, up to the most that a pipe holds, keeping at most `bound` bytes. False: nothing will come any
// more.
bool read_into(int fd, std::string& text, std::size_t bound) {
  std::array<char, 64 * 1024> buffer;
  const auto size = ::read(fd, buffer.data(), buffer.size());
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  text.append(buffer.data(), std::min(static_cast<std::size_t>(size), bound - std::min(bound, text.size())));
  return true;
}

ChildOutput listen(Child& child, const Pipe& out, const Pipe& err, const ChildBounds& bounds) {
  const auto deadline = Clock::now() + bounds.timeout;
  ChildOutput said;
  std::array<pollfd, 3> watched{
      {{child.pidfd(), POLLIN, 0}, {out.reading.get(), POLLIN, 0}, {err.reading.get(), POLLIN, 0}}};
  while (!said.exit) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (rest <= 0 || (bounds.stop != nullptr && *bounds.stop)) break;
    const auto wait = std::min<std::int64_t>(rest, kLookUpEvery.count());
    if (::poll(watched.data(), watched.size(), static_cast<int>(wait)) <= 0) continue;
    if (!read_into(out.reading.get(), said.out, bounds.max_out)) watched[1].fd = -1;
    if (!read_into(err.reading.get(), said.err, bounds.max_err)) watched[2].fd = -1;
    if (watched[0].revents != 0) said.exit = child.reap();
  }
  read_into(out.reading.get(), said.out, bounds.max_out);
  read_into(err.reading.get(), said.err, bounds.max_err);
  return said;
}

}  // namespace

Result<ChildOutput> run_child(SpawnOptions options, const ChildBounds& bounds) {
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return failure((out ? err : out).error());
  options.out = out->writing.get();
  options.err = err->writing.get();
  // What such a thread asks is no more urgent than itself; it ends soon, and need not have its share again.
  options.yields = has_lowered_priority();
  auto child = Child::spawn(options);
  if (!child) return failure(child.error());
  out->writing.reset();
  err->writing.reset();
  return listen(*child, *out, *err, bounds);
}

}  // namespace berth::hosting
