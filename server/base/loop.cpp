// SPDX-License-Identifier: Apache-2.0
#include "base/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"

namespace berth {

namespace {
constexpr int kEventsPerRound = 256;
}  // namespace

// A watch removed while events are being handled may still be named by one of them: its entry is only marked dead then,
// and freed when the round is over.
struct Loop::Watch::Entry {
  State* loop = nullptr;
  int fd = -1;
  std::function<void(std::uint32_t)> callback;
  bool dead = false;
};

struct Loop::State {
  UniqueFd epoll, mailbox_event, timer;
  std::atomic<std::thread::id> thread;
  std::atomic<bool> stopping = false;

  Mutex mutex;
  std::vector<Task> mailbox BERTH_GUARDED_BY(mutex);
  bool signalled BERTH_GUARDED_BY(mutex) = false;

  std::vector<Watch::Entry*> dead;
  bool in_round = false;

  using TimerKey = std::pair<Clock::time_point, std::uint64_t>;
  std::map<TimerKey, Task> timers;
  std::map<std::uint64_t, Clock::time_point> deadlines;  // by timer id
  std::uint64_t next_timer = 1;
  Clock::time_point armed = Clock::time_point::max();

  // Tasks that never ran go while there still are timers, for they may hold some.
  ~State() {
    std::vector<Task> left;
    {
      const Lock lock(mutex);
      left.swap(mailbox);
    }
    left.clear();
    bury();
  }

  void bury() {
    for (auto* entry : std::exchange(dead, {})) delete entry;
  }

  void arm(Clock::time_point when) {
    const auto since_epoch = when.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    itimerspec spec{};
    spec.it_value.tv_sec = seconds.count();
    spec.it_value.tv_nsec = std::chrono::nanoseconds(since_epoch - seconds).count();
    ::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
    armed = when;
  }

  void run_timers() {
    armed = Clock::time_point::max();
    const auto now = Clock::now();
    while (!timers.empty() && timers.begin()->first.first <= now) {
      auto due = timers.extract(timers.begin());
      deadlines.erase(due.key().second);
      due.mapped()();
    }
    if (!timers.empty() && timers.begin()->first.first < armed) arm(timers.begin()->first.first);
  }

  void run_mailbox() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(mailbox_event.get(), &count, sizeof count);
    std::vector<Task> tasks;
    {
      Lock lock(mutex);
      tasks.swap(mailbox);
      signalled = false;
    }
    for (auto& task : tasks) task();
  }

  void round(int timeout_ms) {
    thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
    std::array<epoll_event, kEventsPerRound> events;
    const int ready = ::epoll_wait(epoll.get(), events.data(), kEventsPerRound, timeout_ms);
    in_round = true;
    for (int i = 0; i < ready; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == &mailbox_event) {
        run_mailbox();
      } else if (event.data.ptr == &timer) {
        std::uint64_t expirations = 0;
        [[maybe_unused]] const auto got = ::read(timer.get(), &expirations, sizeof expirations);
        run_timers();
      } else if (auto* entry = static_cast<Watch::Entry*>(event.data.ptr); !entry->dead) {
        entry->callback(event.events);
      }
    }
    in_round = false;
    if (!dead.empty()) bury();
  }

  bool add(int fd, std::uint32_t events, void* tag) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = tag;
    return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  }
};

Result<std::unique_ptr<Loop>> Loop::create() {
  auto state = std::make_unique<State>();
  state->epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
  state->mailbox_event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  state->timer.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  const bool made = state->epoll && state->mailbox_event && state->timer &&
                    state->add(state->mailbox_event.get(), EPOLLIN, &state->mailbox_event) &&
                    state->add(state->timer.get(), EPOLLIN, &state->timer);
  if (!made) return failure(Code::unavailable, std::string("event loop: ") + std::strerror(errno));
  return std::unique_ptr<Loop>(new Loop(std::move(state)));
}

Loop::Loop(std::unique_ptr<State> state) : state_(std::move(state)) {}
Loop::~Loop() = default;

int Loop::fd() const { return state_->epoll.get(); }

void Loop::run_ready() { state_->round(0); }

void Loop::run() {
  while (!state_->stopping.load(std::memory_order_acquire)) state_->round(-1);
  state_->run_mailbox();
}

void Loop::stop() {
  post([state = state_.get()] { state->stopping.store(true, std::memory_order_release); });
}

void Loop::post(Task task) {
  {
    Lock lock(state_->mutex);
    state_->mailbox.push_back(std::move(task));
    if (std::exchange(state_->signalled, true)) return;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(state_->mailbox_event.get(), &one, sizeof one);
}

Loop::Watch Loop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) {
  auto entry = std::make_unique<Watch::Entry>();
  entry->loop = state_.get();
  entry->fd = fd;
  entry->callback = std::move(callback);
  // A descriptor that epoll refuses (closed, or out of memory) is one that never has an event.
  state_->add(fd, events, entry.get());
  return Watch(entry.release());
}

Loop::Timer Loop::call_after(std::chrono::milliseconds delay, Task task) {
  const auto when = Clock::now() + delay;
  const auto id = state_->next_timer++;
  state_->timers.emplace(State::TimerKey{when, id}, std::move(task));
  state_->deadlines.emplace(id, when);
  if (when < state_->armed) state_->arm(when);
  return Timer(state_.get(), id);
}

bool Loop::in_loop_thread() const {
  return state_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

Loop::Watch::Watch(Watch&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
Loop::Watch& Loop::Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    reset();
    entry_ = std::exchange(other.entry_, nullptr);
  }
  return *this;
}
Loop::Watch::~Watch() { reset(); }

void Loop::Watch::set_events(std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = entry_;
  ::epoll_ctl(entry_->loop->epoll.get(), EPOLL_CTL_MOD, entry_->fd, &event);
}

void Loop::Watch::reset() {
  auto* entry = std::exchange(entry_, nullptr);
  if (!entry) return;
  ::epoll_ctl(entry->loop->epoll.get(), EPOLL_CTL_DEL, entry->fd, nullptr);
  if (entry->loop->in_round) {
    entry->dead = true;
    entry->loop->dead.push_back(entry);
  } else {
    delete entry;
  }
}

Loop::Timer::Timer(Timer&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)), id_(other.id_) {}
Loop::Timer& Loop::Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    reset();
    loop_ = std::exchange(other.loop_, nullptr);
    id_ = other.id_;
  }
  return *this;
}
Loop::Timer::~Timer() { reset(); }

void Loop::Timer::reset() {
  auto* loop = std::exchange(loop_, nullptr);
  if (!loop) return;
  const auto deadline = loop->deadlines.find(id_);
  if (deadline == loop->deadlines.end()) return;
  loop->timers.erase(State::TimerKey{deadline->second, id_});
  loop->deadlines.erase(deadline);
}

}  // namespace berth
