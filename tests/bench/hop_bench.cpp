// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <thread>

#include "base/loop.h"
#include "base/unique_fd.h"
#include "bench/benches.h"
#include "bench/load.h"
#include "hosting/registry.h"
#include "support/temp_folder.h"

namespace berth::bench {

namespace {

using Clock = std::chrono::steady_clock;

// One call after the other, each started where its predecessor's answer came: on the loop's thread, as an I/O thread
// does.
class Caller {
 public:
  Caller(Loop& loop, hosting::ModelPtr model, std::size_t payload, std::size_t calls)
      : loop_(loop), model_(std::move(model)), payload_(std::string(payload, 'x')), left_(calls) {}

  // Microseconds from submit to outcome, for each call: all of it is the hop, since echo itself does next to nothing.
  std::vector<double> run() {
    loop_.post([this] { next(); });
    done_.get_future().wait();
    return std::move(taken_);
  }

 private:
  void next() {
    if (left_-- == 0) return done_.set_value();
    hosting::Call call;
    call.request_id = "bench";
    if (!payload_.empty()) call.files.push_back({"data", "x.bin", "application/octet-stream", payload_});
    const auto started = Clock::now();
    model_->submit(std::move(call), [this, started](hosting::Outcome&& outcome) {
      const auto taken = std::chrono::duration<double, std::micro>(Clock::now() - started).count();
      if (outcome.output) taken_.push_back(taken);
      loop_.post([this] { next(); });
    });
  }

  Loop& loop_;
  hosting::ModelPtr model_;
  Bytes payload_;
  std::size_t left_;
  std::vector<double> taken_;
  std::promise<void> done_;
};

// The least that any two threads pay who wake each other: a byte there and back over a socket pair, microseconds. It
// depends on how long the machine takes to wake an idle processor, and so belongs beside every hop.
double bare_round_trip(int count) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  const UniqueFd near(ends[0]);
  UniqueFd far(ends[1]);
  const std::jthread echo([&far] {
    char byte = 0;
    while (::read(far.get(), &byte, 1) == 1 && ::write(far.get(), &byte, 1) == 1) {
    }
  });
  std::vector<double> taken;
  for (int i = 0; i < count; ++i) {
    const auto started = Clock::now();
    char byte = 'x';
    if (::write(near.get(), &byte, 1) != 1 || ::read(near.get(), &byte, 1) != 1) break;
    taken.push_back(std::chrono::duration<double, std::micro>(Clock::now() - started).count());
  }
  ::shutdown(near.get(), SHUT_RDWR);
  return median(taken);
}

// Binds this thread, and what it starts, to the first of its processors.
class OnOneProcessor {
 public:
  explicit OnOneProcessor(bool wanted) {
    ::sched_getaffinity(0, sizeof before_, &before_);
    if (!wanted) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
      if (CPU_ISSET(i, &before_)) CPU_SET(i, &one);
    }
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OnOneProcessor() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OnOneProcessor(const OnOneProcessor&) = delete;
  OnOneProcessor& operator=(const OnOneProcessor&) = delete;

 private:
  cpu_set_t before_{};
};

void measure(Table& table, const Effort& effort, const hosting::ModelPtr& model, Loop& loop, const std::string& where) {
  const struct {
    const char* name;
    std::size_t bytes;
    std::size_t calls;
    const char* bar;
  } sizes[] = {{"0 B", 0, 4000, ""}, {"150 KB", 150'000, 3000, "≤ 60 µs"}, {"4 MB", 4'000'000, 200, ""}};
  std::vector<std::vector<double>> medians(std::size(sizes));
  std::vector<double> bare;
  for (int round = 0; round < effort.rounds; ++round) {
    bare.push_back(bare_round_trip(4000));
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
      medians[i].push_back(median(Caller(loop, model, sizes[i].bytes, sizes[i].calls).run()));
    }
  }
  const double least = median(bare);
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    const double hop = median(medians[i]);
    table.add({std::string("worker hop, ") + sizes[i].name + " there and back, " + where + ", p50",
               with_unit(hop, 1, "µs"), with_unit(least, 1, "µs: a byte over a socket pair"),
               with_unit(hop - least, 1, "µs more"), sizes[i].bar});
  }
}

void measure_hop(Table& table, const Effort& effort, bool on_one_processor) {
  const OnOneProcessor bound(on_one_processor);
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "plugins");
  std::filesystem::create_symlink(std::string(BERTH_FAKES_DIR) + "/echo.so", folder / "plugins" / "echo.so");
  auto loop = Loop::create();
  if (!loop) return;
  std::jthread thread([&] { (*loop)->run(); });
  {
    hosting::RegistryOptions options;
    options.worker_program = BERTH_WORKER;
    options.plugins_dirs = {folder / "plugins"};
    options.scratch_dir = folder / "scratch";
    options.loops = {loop->get()};
    auto registry = hosting::Registry::create(std::move(options));
    if (registry) {
      (*registry)->load_all();
      const auto model = (*registry)->find("echo");
      if (model) measure(table, effort, *model, **loop, on_one_processor ? "one processor" : "any processor");
    }
  }
  (*loop)->stop();
}

}  // namespace

void bench_hop(Table& table, const Effort& effort) {
  measure_hop(table, effort, true);
  measure_hop(table, effort, false);
}

}  // namespace berth::bench
