// SPDX-License-Identifier: Apache-2.0
// Host: what the server offers a model: its log, folders, fetching, progress and stop flag, metrics.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "berth/abi.h"
#include "berth/detail/text.h"
#include "berth/error.h"
#include "berth/file.h"
#include "berth/json.h"

namespace berth {
inline namespace sdk_v1 {

enum class LogLevel : std::uint32_t {
  debug = BERTH_DEBUG,
  info = BERTH_INFO,
  warning = BERTH_WARNING,
  error = BERTH_ERROR
};

// A handle, valid as long as the model lives; every member may be called from any thread of the model. Without a server
// (a unit test of a model) there is a Host, too: it drops what it is told and cannot fetch.
class Host {
 public:
  Host() = default;
  explicit Host(const berth_host* raw) : raw_(raw) {}

  void log(LogLevel level, std::string_view message) const {
    if (raw_ != nullptr) raw_->log(raw_, static_cast<std::uint32_t>(level), detail::to_abi(message));
  }
  void debug(std::string_view message) const { log(LogLevel::debug, message); }
  void info(std::string_view message) const { log(LogLevel::info, message); }
  void warning(std::string_view message) const { log(LogLevel::warning, message); }
  void error(std::string_view message) const { log(LogLevel::error, message); }

  // Writable, this worker's alone, emptied with it.
  std::filesystem::path scratch_folder() const {
    if (raw_ == nullptr) return std::filesystem::temp_directory_path();
    return std::filesystem::path(std::string(detail::to_view(raw_->scratch_folder)));
  }

  // The folder into which train() writes the files of the next version of its model: model.yaml, weights, whatever the
  // model is made of. When train() returned without an error the server checks them and makes them that version; where
  // nothing was written there is none. Throws Error (503) where nobody would take it, so ask before the work: outside
  // of train(), or where the server's folder of models cannot be written.
  std::filesystem::path new_package() const {
    auto folder = later(&berth_host::package_folder);
    if (folder.empty())
      throw Error(503, "the server cannot take a new version: its folder of models cannot be written");
    return folder;
  }

  // In train(): a file below the operator's folder of data (`server.data_dir`), by its path in there. Throws Error
  // (400) where it leads out of it, a link included, where there is no such file, or no such folder.
  std::filesystem::path data_file(const std::string& path) const {
    namespace fs = std::filesystem;
    const auto refuse = [&](const char* why) { return Error(400, "'" + path + "' " + why); };
    const auto folder = later(&berth_host::data_folder);
    if (folder.empty()) throw refuse("cannot be read: the server has no folder of data (server.data_dir); upload it");
    const fs::path relative = path;
    for (const auto& part : relative) {
      if (relative.is_absolute() || part == "..") throw refuse("has to be a path below the server's folder of data");
    }
    std::error_code error;
    const auto root = fs::canonical(folder, error);
    auto whole = error ? fs::path() : fs::canonical(root / relative, error);
    if (error || !fs::is_regular_file(whole, error)) throw refuse("is no file in the server's folder of data");
    const auto beyond = std::mismatch(root.begin(), root.end(), whole.begin(), whole.end()).first;
    if (beyond != root.end()) throw refuse("leads out of the server's folder of data");
    return whole;
  }

  // Fetches a URL under the server's rules (which hosts, how large, how long). Blocks. Throws Error with the status
  // that the client is to see where it is refused or fails.
  File fetch(std::string_view url) const;

  // How far a training is, 0..1, and what is worth telling: {"epoch":3,"loss":0.2}.
  void progress(double fraction, const Json& details = Json::object()) const {
    if (raw_ == nullptr) return;
    const std::string text = details.dump(-1, ' ', false, Json::error_handler_t::replace);
    raw_->progress(raw_, fraction, detail::to_abi(text));
  }

  // True once the running training was cancelled or the server stops; train() then returns soon, with what it has.
  bool stop_requested() const { return raw_ != nullptr && raw_->stop_requested(raw_) != 0; }

  // The model's own metrics, shown at the server's /metrics as berth_plugin_<name>, counters with _total at the end.
  // Names: [a-zA-Z_][a-zA-Z0-9_]*, of at most 128 characters. What all its workers count is added up, and never goes
  // down: `by` is not negative. A gauge is what any of them said last.
  void count(std::string_view name, double by = 1) const { metric(BERTH_COUNTER, name, by); }
  void gauge(std::string_view name, double value) const { metric(BERTH_GAUGE, name, value); }

 private:
  // A folder that hosts of an earlier SDK do not tell of; "" of those.
  std::filesystem::path later(berth_text berth_host::*folder) const {
    constexpr std::size_t kNeeded = offsetof(berth_host, data_folder) + sizeof(berth_text);
    if (raw_ == nullptr || raw_->size < kNeeded) return {};
    return std::filesystem::path(std::string(detail::to_view(raw_->*folder)));
  }
  void metric(berth_metric_kind kind, std::string_view name, double value) const {
    if (raw_ != nullptr) raw_->metric(raw_, kind, detail::to_abi(name), value);
  }

  const berth_host* raw_ = nullptr;
};

namespace detail {

// Takes what a fetch brings. Its callbacks are called by the host, through which no exception may pass.
class FetchReceiver {
 public:
  berth_result result() {
    berth_result made{};
    made.size = sizeof made;
    made.context = this;
    made.json = [](const berth_result* self, berth_text) { of(self).fail(502, "the fetch brought no file"); };
    made.text = made.json;
    made.tensor = [](const berth_result* self, const berth_tensor*) {
      of(self).fail(502, "the fetch brought no file");
    };
    made.file = [](const berth_result* self, berth_text content_type, berth_text file_name, const void* data,
                   std::size_t size) {
      try {
        of(self).file_.emplace("", std::string(to_view(file_name)), std::string(to_view(content_type)),
                               std::string(static_cast<const char*>(data), size));
      } catch (...) {
        of(self).fail(500, "no memory for what was fetched");
      }
    };
    made.error = [](const berth_result* self, std::int32_t status, berth_text message) {
      of(self).fail(status == 0 ? 502 : status, to_view(message));
    };
    return made;
  }

  File take() {
    if (!file_) throw Error(status_, message_);
    return *std::move(file_);
  }

 private:
  static FetchReceiver& of(const berth_result* self) { return *static_cast<FetchReceiver*>(self->context); }
  void fail(int status, std::string_view message) noexcept {
    status_ = status;
    try {
      message_ = std::string(message);
    } catch (...) {
      message_.clear();
    }
  }

  std::optional<File> file_;
  int status_ = 502;
  std::string message_ = "nothing was fetched";
};

}  // namespace detail

inline File Host::fetch(std::string_view url) const {
  if (raw_ == nullptr) throw Error(502, "there is no host to fetch with");
  detail::FetchReceiver receiver;
  const berth_result result = receiver.result();
  raw_->fetch(raw_, detail::to_abi(url), &result);
  return receiver.take();
}

}  // namespace sdk_v1
}  // namespace berth
