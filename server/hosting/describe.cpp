// SPDX-License-Identifier: Apache-2.0
// Asks a library what it holds, in a child process that may crash or hang.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/json.h"
#include "berth/abi.h"
#include "hosting/library.h"
#include "hosting/spawn.h"

namespace berth::hosting {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxAnswerBytes = 1024UL * 1024;
constexpr std::size_t kMaxErrorBytes = 4096;
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

struct Said {
  std::string out, err;
  std::optional<Exit> exit;  // none: it was still running at the deadline
};

Said listen(Child& child, const Pipe& out, const Pipe& err, Clock::time_point deadline, const std::atomic<bool>* stop) {
  Said said;
  std::array<pollfd, 3> watched{
      {{child.pidfd(), POLLIN, 0}, {out.reading.get(), POLLIN, 0}, {err.reading.get(), POLLIN, 0}}};
  while (!said.exit) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (rest <= 0 || (stop != nullptr && *stop)) break;
    const auto wait = std::min<std::int64_t>(rest, kLookUpEvery.count());
    if (::poll(watched.data(), watched.size(), static_cast<int>(wait)) <= 0) continue;
    if (!read_into(out.reading.get(), said.out, kMaxAnswerBytes)) watched[1].fd = -1;
    if (!read_into(err.reading.get(), said.err, kMaxErrorBytes)) watched[2].fd = -1;
    if (watched[0].revents != 0) said.exit = child.reap();
  }
  read_into(out.reading.get(), said.out, kMaxAnswerBytes);
  read_into(err.reading.get(), said.err, kMaxErrorBytes);
  return said;
}

std::string text_at(const json::Value& object, std::string_view name) {
  const auto* value = json::find(object, name);
  return value != nullptr && value->IsString() ? std::string(json::view(*value)) : std::string();
}

Result<Library> parse(const std::filesystem::path& path, std::string_view answer) {
  const auto document = json::parse(answer);
  if (!document || !document->IsObject()) return failure(Code::unavailable, "it could not be described");
  Library library;
  library.path = path;
  library.name = text_at(*document, "name");
  library.version = text_at(*document, "version");
  library.sdk_version = text_at(*document, "sdk_version");
  library.build_info = text_at(*document, "build_info");
  const auto* models = json::find(*document, "models");
  if (models == nullptr || !models->IsArray()) return failure(Code::unavailable, "it could not be described");
  for (const auto& entry : models->GetArray()) {
    ModelType type;
    type.name = text_at(entry, "name");
    const auto* needs_package = json::find(entry, "needs_package");
    type.needs_package = needs_package != nullptr && needs_package->IsBool() && needs_package->GetBool();
    const auto* methods = json::find(entry, "methods");
    if (methods != nullptr && methods->IsArray()) {
      for (const auto& method : methods->GetArray()) {
        if (method.IsString()) type.methods.emplace_back(json::view(method));
      }
    }
    library.models.push_back(std::move(type));
  }
  if (library.models.empty()) return failure(Code::unavailable, "it exports no model");
  return library;
}

}  // namespace

Result<Library> describe(const std::filesystem::path& path, const std::filesystem::path& worker_program,
                         std::chrono::seconds timeout, const std::atomic<bool>* stop) {
  if (auto fit = preflight(path, worker_program); !fit) return failure(fit.error());
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return failure((out ? err : out).error());
  auto child = Child::spawn({.program = worker_program,
                             .args = {"--describe", path.string()},
                             .environment = {},
                             .out = out->writing.get(),
                             .err = err->writing.get(),
                             .inherited = {}});
  if (!child) return failure(child.error());
  out->writing.reset();
  err->writing.reset();
  const auto said = listen(*child, *out, *err, Clock::now() + timeout, stop);
  if (!said.exit) {
    return failure(Code::unavailable, "it could not be opened within " + std::to_string(timeout.count()) + " s");
  }
  if (said.exit->signal != 0 || said.exit->code != 0) {
    const auto end = said.err.find_last_not_of(" \n");
    const auto words = end == std::string::npos ? std::string() : said.err.substr(0, end + 1);
    if (said.exit->signal == 0 && !words.empty()) return failure(Code::unavailable, "it cannot be opened: " + words);
    return failure(Code::unavailable, "it cannot be opened: the process that tried " + to_string(*said.exit) +
                                          (words.empty() ? "" : "; it last printed: " + words));
  }
  auto library = parse(path, said.out);
  if (library) library->abi_version = BERTH_ABI_VERSION;
  return library;
}

}  // namespace berth::hosting
