// SPDX-License-Identifier: Apache-2.0
#include "hosting/output_pipe.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxIds = 8;
// Of calls one after another: a worker that prints is read long before it has served so many more.
constexpr std::size_t kMaxBatches = 4;

bool is_empty(int pipe) {
  int bytes = 0;
  return ::ioctl(pipe, FIONREAD, &bytes) == 0 && bytes == 0;
}

}  // namespace

std::string joined_ids(const std::vector<std::string>& request_ids) {
  std::string joined;
  std::size_t count = 0;
  for (const auto& id : request_ids) {
    if (id.empty() || ++count > kMaxIds) continue;
    if (!joined.empty()) joined += ',';
    joined += id;
  }
  return joined;
}

OutputPipe::OutputPipe(UniqueFd pipe) : fd_(pipe.get()), pipe_(std::move(pipe)) { ::fcntl(fd_, F_SETFL, O_NONBLOCK); }

void OutputPipe::begin(std::vector<std::string> request_ids) {
  const Lock lock(mutex_);
  if (!pipe_ || is_empty(pipe_.get())) forget_ended();
  if (batches_.size() == kMaxBatches) {
    batches_.erase(batches_.begin());
    too_many_ = true;
  }
  batches_.push_back({std::move(request_ids), false});
}

void OutputPipe::end() {
  const Lock lock(mutex_);
  for (auto& batch : batches_) batch.ended = true;
}

std::ptrdiff_t OutputPipe::read(std::span<char> room, std::string& request_ids) {
  const Lock lock(mutex_);
  if (!pipe_) return 0;
  const auto size = ::read(pipe_.get(), room.data(), room.size());
  if (size <= 0) return size;
  std::vector<std::string> ids;
  for (const auto& batch : batches_) ids.insert(ids.end(), batch.request_ids.begin(), batch.request_ids.end());
  request_ids = too_many_ ? std::string() : joined_ids(ids);
  if (static_cast<std::size_t>(size) < room.size() && is_empty(pipe_.get())) forget_ended();
  return size;
}

void OutputPipe::close() {
  const Lock lock(mutex_);
  pipe_.reset();
}

std::string OutputPipe::running() const {
  const Lock lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& batch : batches_) {
    if (!batch.ended) ids.insert(ids.end(), batch.request_ids.begin(), batch.request_ids.end());
  }
  return joined_ids(ids);
}

void OutputPipe::forget_ended() {
  std::erase_if(batches_, [](const Batch& batch) { return batch.ended; });
  too_many_ = false;
}

}  // namespace berth::hosting
