// SPDX-License-Identifier: Apache-2.0
#include "worker/host.h"

#include <algorithm>
#include <cctype>

#include "worker/results.h"

namespace berth::worker {
namespace {

constexpr std::size_t kMaxLogBytes = 8UL * 1024;
constexpr std::size_t kMaxUrlBytes = 16UL * 1024;
constexpr std::size_t kMaxDetailsBytes = 32UL * 1024;
constexpr unsigned kMaxLogsPerSecond = 200;
constexpr unsigned kMaxMetricsPerSecond = 1000;
constexpr std::size_t kMaxHeldMetrics = 256;
constexpr std::size_t kMaxIdBytes = 1024;
// A training that reports each step must not spend its time on reporting.
constexpr std::chrono::milliseconds kProgressInterval{20};

void give_error(const berth_result* result, std::int32_t status, std::string_view message) {
  result->error(result, status, text_of(message));
}

}  // namespace

Host::Host(int side_socket, SharedMemory& memory, Folders folders)
    : side_(side_socket),
      memory_(memory),
      folders_(std::move(folders)),
      log_rate_(kMaxLogsPerSecond),
      metric_rate_(kMaxMetricsPerSecond) {
  abi_ = {.size = sizeof(berth_host),
          .abi_version = BERTH_ABI_VERSION,
          .context = this,
          .scratch_folder = text_of(folders_.scratch),
          .log = on_log,
          .fetch = on_fetch,
          .progress = on_progress,
          .stop_requested = on_stop_requested,
          .metric = on_metric,
          .package_folder = text_of(folders_.new_package),
          .data_folder = text_of(folders_.data)};
}

void Host::on_log(const berth_host* host, uint32_t level, berth_text message) { self(host).log(level, view(message)); }

void Host::begin_calls(const std::vector<CallView>& calls) {
  const Lock lock(mutex_);
  request_ids_.clear();
  for (const auto& call : calls) {
    if (call.request_id.empty() || request_ids_.size() + call.request_id.size() >= kMaxIdBytes) continue;
    if (!request_ids_.empty()) request_ids_ += ',';
    request_ids_ += call.request_id;
  }
}

void Host::end_calls() {
  {
    const Lock lock(mutex_);
    request_ids_.clear();
  }
  flush_metrics();
}

void Host::log(std::uint32_t level, std::string_view message) {
  Writer writer;
  {
    const Lock lock(mutex_);
    if (!log_rate_.admits()) return;
    std::string line(message.substr(0, kMaxLogBytes));
    const auto dropped = log_rate_.take_refused();
    if (dropped > 0) line += " (" + std::to_string(dropped) + " lines before it were dropped)";
    writer.number(level);
    writer.text(request_ids_);
    writer.text(line);
  }
  (void)send(side_, Message::log, writer.view(), nullptr, Wait::yes);
}

void Host::on_fetch(const berth_host* host, berth_text url, const berth_result* result) {
  self(host).fetch(view(url), result);
}

void Host::fetch(std::string_view url, const berth_result* result) {
  if (url.size() > kMaxUrlBytes) return give_error(result, 400, "the URL is too long");
  const Lock lock(fetch_mutex_);
  const std::uint64_t id = next_fetch_++;
  Writer writer;
  writer.number(id);
  writer.text(url);
  if (!send(side_, Message::fetch, writer.view(), nullptr, Wait::yes))
    return give_error(result, 0, "the server is gone");
  Fetched fetched;
  do {
    if (!receive(side_, fetch_packet_, &memory_.fetch(), Wait::yes)) return give_error(result, 0, "the server is gone");
    Reader reader(fetch_packet_.body);
    fetched = {};
    if (fetch_packet_.type != Message::fetched || !read_fetched(reader, memory_.fetch(), fetched)) {
      return give_error(result, 0, "the server's answer to a fetch could not be read");
    }
  } while (fetched.id != id);
  if (fetched.status != 0) return give_error(result, fetched.status, fetched.message);
  const auto& file = fetched.file;
  result->file(result, text_of(file.content_type), text_of(file.file_name), file.bytes.data(), file.bytes.size());
}

void Host::on_progress(const berth_host* host, double fraction, berth_text details) {
  self(host).progress(fraction, view(details));
}

void Host::progress(double fraction, std::string_view details) {
  {
    const Lock lock(mutex_);
    fraction_ = fraction;
    details_ = details.size() <= kMaxDetailsBytes ? details : "{}";
    progress_held_ = true;
    if (Clock::now() - last_progress_ < kProgressInterval) return;
  }
  flush_progress();
}

void Host::flush_progress() {
  Writer writer;
  {
    const Lock lock(mutex_);
    if (!std::exchange(progress_held_, false)) return;
    last_progress_ = Clock::now();
    write(writer, Progress{fraction_, details_});
  }
  (void)send(side_, Message::progress, writer.view(), nullptr, Wait::yes);
}

int32_t Host::on_stop_requested(const berth_host* host) { return self(host).memory_.stop_requested() ? 1 : 0; }

void Host::on_metric(const berth_host* host, uint32_t kind, berth_text name, double value) {
  auto& me = self(host);
  if (!is_metric_name(view(name)) || (kind != BERTH_COUNTER && kind != BERTH_GAUGE)) {
    return me.log(BERTH_WARNING, "a metric was dropped: its name must be [a-zA-Z_][a-zA-Z0-9_]*");
  }
  me.metric(kind, view(name), value);
}

// What comes faster than it is sent is added up: a counter loses nothing, a gauge tells its last value.
void Host::metric(std::uint32_t kind, std::string_view name, double value) {
  {
    const Lock lock(mutex_);
    auto found = held_.find(name);
    if (found == held_.end()) {
      if (held_.size() == kMaxHeldMetrics) return;
      found = held_.emplace(name, Figure{}).first;
    }
    auto& figure = found->second;
    figure = {kind, kind == BERTH_COUNTER && figure.kind == kind ? figure.value + value : value};
  }
  flush_metrics();
}

// Those that are over the rate wait for the next one, or for the end of a later call.
void Host::flush_metrics() {
  for (;;) {
    Writer writer;
    {
      const Lock lock(mutex_);
      if (held_.empty() || !metric_rate_.admits()) return;
      const auto first = held_.begin();
      write(writer, Metric{first->second.kind, first->first, first->second.value});
      held_.erase(first);
    }
    (void)send(side_, Message::metric, writer.view(), nullptr, Wait::yes);
  }
}

}  // namespace berth::worker
