// SPDX-License-Identifier: Apache-2.0
// Feeds bytes to the reader of requests: however they are cut up, the same requests must come out, within the limits.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/request_reader.h"
#include "net/syntax.h"

namespace {

using berth::http::Request;
using berth::net::Gauges;
using berth::net::Limits;
using berth::net::RequestReader;

Limits small_limits() {
  Limits limits;
  limits.max_header_bytes = 2048;
  limits.max_header_fields = 20;
  limits.max_target_bytes = 512;
  limits.max_body_bytes = 1024;
  limits.max_body_bytes_in_memory = 4096;
  return limits;
}

void require(bool promise) {
  if (!promise) std::abort();
}

void check(const Request& request, const Limits& limits) {
  namespace syntax = berth::net::syntax;
  require(!request.method.empty() && syntax::all(syntax::kToken, request.method));
  require(request.target.size() <= limits.max_target_bytes);
  require(request.path.find('\0') == std::string::npos);
  require(request.path.starts_with('/') || request.path == "*");
  require(request.headers.size() <= limits.max_header_fields);
  for (const auto& [name, value] : request.headers) {
    require(syntax::all(syntax::kToken, name) && syntax::all(syntax::kValue, value));
    require(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
  }
  require(request.body.size() <= limits.max_body_bytes);
  require(!request.id.empty());
}

// What came out, as text that can be compared.
std::string read_all(std::string_view bytes, std::size_t piece, bool direct) {
  const auto limits = small_limits();
  const auto gauges = std::make_shared<Gauges>(limits);
  std::string log;
  {
    RequestReader reader(limits, gauges);
    std::string pending;
    bool ended = false;
    const auto act_on = [&](RequestReader::State state) {
      if (state == RequestReader::State::refused) {
        // Of several faults, which is named may depend on the cut; that it is refused may not.
        log += "refused";
        ended = true;
      } else if (state == RequestReader::State::complete) {
        const auto read = reader.take();
        check(read.request, limits);
        log += read.request.method + " " + read.request.path + " " + std::string(read.request.body.view()) + "\n";
        for (const auto& [name, value] : read.request.headers) log += name + ":" + value + "\n";
        ended = !read.keep_alive;
      }
    };
    while (!bytes.empty() && !ended) {
      auto next = bytes.substr(0, piece);
      if (const auto room = direct ? reader.direct_room() : std::span<char>(); !room.empty()) {
        next = next.substr(0, room.size());
        std::copy(next.begin(), next.end(), room.begin());
        bytes.remove_prefix(next.size());
        act_on(reader.received(next.size()));
        continue;
      }
      bytes.remove_prefix(next.size());
      pending += next;
      std::string_view input = pending;
      for (auto before = input.size() + 1; !input.empty() && !ended && input.size() < before;) {
        before = input.size();
        act_on(reader.feed(input, {}));
      }
      pending.erase(0, pending.size() - input.size());
    }
  }
  require(gauges->figures().body_bytes_in_memory == 0);
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(bytes, bytes.size() + 1, false);
  require(read_all(bytes, 1, false) == whole);
  require(read_all(bytes, size % 17 + 2, true) == whole);
  return 0;
}
