// SPDX-License-Identifier: Apache-2.0
#include "hosting/usage_watch.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/folder_tree.h"

namespace berth::hosting {
namespace {

constexpr unsigned kLooksPerFolder = 4;
// More would take too long to look at.
constexpr TreeBounds kScratchBounds{.entries = 4096, .depth = 32};

Error beyond(std::string_view what, std::string_view key, std::uint64_t most, std::string_view where = {}) {
  return {Code::internal, std::string("the model's worker ")
                              .append(what)
                              .append(" than ")
                              .append(key)
                              .append(" allows (")
                              .append(std::to_string(most))
                              .append(")")
                              .append(where)};
}

}  // namespace

bool UsageWatch::is_too_large(const std::filesystem::path& scratch) const {
  const auto bytes = bytes_of_tree(scratch, kScratchBounds);
  return !bytes || *bytes > limits_.scratch_bytes;
}

std::optional<Error> UsageWatch::look(const Usage& usage, const std::filesystem::path& scratch, std::uint64_t call) {
  if (call != std::exchange(call_, call)) cpu_before_call_ = usage.cpu;
  if (usage.memory_bytes > limits_.memory_bytes + shared_bytes_) {
    return beyond("ran out of memory: it took more", "max_memory_bytes", limits_.memory_bytes);
  }
  if (usage.threads > limits_.threads) return beyond("started more threads", "max_threads", limits_.threads);
  if (++looks_ % kLooksPerFolder == 0 && is_too_large(scratch)) {
    return beyond("wrote more", "max_scratch_bytes", limits_.scratch_bytes, " to its scratch folder");
  }
  if (call != 0 && usage.cpu - cpu_before_call_ > limits_.cpu_per_call) {
    return Error{Code::timeout, "the model took more CPU time than max_cpu_per_call allows"};
  }
  return std::nullopt;
}

}  // namespace berth::hosting
