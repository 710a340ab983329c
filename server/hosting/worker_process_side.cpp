// SPDX-License-Identifier: Apache-2.0
// What a worker says on its side socket, and asks for there.
#include <sys/epoll.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "berth/abi.h"
#include "hosting/description.h"
#include "hosting/worker_process.h"

namespace berth::hosting {
namespace {

constexpr int kMessagesPerTurn = 16;
// More than a socket's buffer holds: whoever writes on while these are read is not waited for.
constexpr int kMaxFinalMessages = 1024;
constexpr std::size_t kMaxLabelBytes = 4096;
constexpr std::size_t kMaxDetailsBytes = 32UL * 1024;  // an honest worker sends no more (worker/host.cpp)

log::Level level_of(std::uint32_t level) {
  switch (level) {
    case BERTH_DEBUG: return log::Level::debug;
    case BERTH_WARNING: return log::Level::warning;
    case BERTH_ERROR: return log::Level::error;
    default: return log::Level::info;
  }
}

}  // namespace

void WorkerProcess::take_side_messages() {
  for (int i = 0; i < kMaxFinalMessages && take_side_message(); ++i) {
  }
}

void WorkerProcess::on_side_readable(std::uint32_t events) {
  const bool gone = (events & (EPOLLHUP | EPOLLERR)) != 0;  // what is left has an end
  for (int i = 0; i < kMessagesPerTurn; ++i) {
    if (!side_rate_.admits() && !gone) {
      side_watch_.set_events(0);
      side_resumed_ = supervisor_->loop().call_after(std::chrono::seconds(1), [this] {
        if (side_watch_) side_watch_.set_events(EPOLLIN);
      });
      return;
    }
    if (!take_side_message()) return;
  }
}

bool WorkerProcess::take_side_message() {
  if (!side_watch_) return false;
  const auto got =
      worker::receive(side_.get(), *packet_, &link_->memory.response(), worker::Wait::no, worker::kMaxSaid);
  // All but what a model says of itself fits into a packet.
  const bool fits = packet_->type == worker::Message::ready || packet_->body.size() <= worker::kMaxPacket;
  if (got && fits && on_message()) return true;
  if (!got && got.error().code == Code::busy) return false;
  side_watch_.reset();
  // Gone is what its exit tells; anything else is a worker that nobody can talk to.
  if (got || got.error().code != Code::cancelled) kill("it sent a message that makes no sense", Manner::blame);
  return false;
}

// False: nonsense.
bool WorkerProcess::on_message() {
  worker::Reader reader(packet_->body);
  switch (packet_->type) {
    case worker::Message::ready: return !ready_ && on_ready();
    case worker::Message::failed:
      refused_ = true;
      kill(std::string(reader.text()));
      return true;
    case worker::Message::log: {
      const auto level = reader.number<std::uint32_t>();
      const auto request_ids = reader.text();
      const auto line = reader.text();
      if (reader.finished()) output_->say(level_of(level), request_ids.substr(0, kMaxLabelBytes), line);
      return reader.finished();
    }
    case worker::Message::fetch: {
      const auto id = reader.number<std::uint64_t>();
      const auto url = reader.text();
      // A worker waits for the answer before it asks for more: whoever does not would take all of the server's fetches.
      if (!reader.finished() || std::exchange(fetching_, true)) return false;
      on_fetch(id, std::string(url));
      return true;
    }
    case worker::Message::progress: {
      worker::Progress progress;
      if (!worker::read(reader, progress)) return false;
      on_progress(progress);
      return true;
    }
    case worker::Message::metric: {
      worker::Metric metric;
      if (!worker::read(reader, metric)) return false;
      metrics_->take(metric.kind, metric.name, metric.value);
      return true;
    }
    default: return false;
  }
}

bool WorkerProcess::on_ready() {
  worker::Reader reader(packet_->body);
  worker::Ready ready;
  if (!worker::read(reader, ready)) return false;
  auto description = read_description(ready);
  if (!description) {
    refused_ = true;
    kill(description.error().message);
    return true;
  }
  ready_ = true;
  deadline_.reset();
  if (events_.ready) events_.ready(std::move(*description));
  return true;
}

// What nobody hears, or an honest worker would not say, costs no more than this.
void WorkerProcess::on_progress(const worker::Progress& progress) {
  if (!events_.progress || !std::isfinite(progress.fraction) || progress.details_json.size() > kMaxDetailsBytes) return;
  if (!progress_rate_.admits()) return;
  const auto details = json::parse(progress.details_json);
  const bool is_object = details && details->IsObject();
  events_.progress(
      {std::clamp(progress.fraction, 0.0, 1.0), is_object ? std::string(progress.details_json) : std::string()});
}

void WorkerProcess::on_fetch(std::uint64_t id, std::string url) {
  if (!fetch_) return send_fetched(id, failure({.message = "this server fetches nothing", .model_status = 501}));
  // It may have ended by the time the answer comes.
  fetch_(std::move(url), [weak = weak_from_this(), supervisor = supervisor_, id](Result<File> file) {
    supervisor->loop().post([weak, id, file = std::move(file)] {
      if (const auto self = weak.lock()) self->send_fetched(id, file);
    });
  });
}

void WorkerProcess::send_fetched(std::uint64_t id, const Result<File>& file) {
  worker::Fetched fetched;
  fetched.id = id;
  worker::Region& region = link_->memory.fetch();
  region.clear();
  if (file) {
    // A strange server's words: cut, so that the packet holds them.
    const auto label = [](std::string_view text) { return text.substr(0, kMaxLabelBytes); };
    fetched.file = {file->field, label(file->file_name), label(file->content_type), file->bytes.view()};
  } else {
    fetched.status = file.error().model_status.value_or(502);
    fetched.message = std::string_view(file.error().message).substr(0, kMaxLabelBytes);
  }
  worker::Writer writer;
  if (!worker::write_fetched(writer, region, fetched)) {
    return send_fetched(id, failure({.message = "what the URL holds is too large", .model_status = 413}));
  }
  fetching_ = false;
  // The plugin waits for it, and would for ever.
  const auto sent = worker::send(side_.get(), worker::Message::fetched, writer.view(), nullptr, worker::Wait::no);
  if (!sent) kill("it does not take the answers to its fetches", Manner::blame);
}

}  // namespace berth::hosting
