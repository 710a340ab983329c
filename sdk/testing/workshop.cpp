// SPDX-License-Identifier: Apache-2.0
#include "sdk/testing/workshop.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <system_error>
#include <utility>

namespace berth::conformance {
namespace {

namespace fs = std::filesystem;

hosting::ServingOptions serving_options(const Options& options) {
  hosting::ServingOptions serving;
  serving.max_batch = 8;
  serving.max_batch_delay = std::chrono::milliseconds(100);  // long enough for the calls of one check to meet
  serving.call_timeout = options.call_timeout;
  return serving;
}

// models/digits/1 is version 1 of digits; any other folder is version 1 of itself.
std::pair<std::string, std::string> name_and_version(const fs::path& package) {
  const std::string last = package.filename().string();
  const bool is_version = !last.empty() && last.front() >= '0' && last.front() <= '9';
  const std::string parent = package.parent_path().filename().string();
  if (is_version && !parent.empty()) return {parent, last};
  return {last, "1"};
}

}  // namespace

Result<std::unique_ptr<Workshop>> Workshop::create(const fs::path& library, const Options& options,
                                                   const Samples& samples) {
  std::unique_ptr<Workshop> made(new Workshop());
  if (auto laid = made->lay_out(library, options.package); !laid) return failure(laid.error());
  auto loop = Loop::create();
  if (!loop) return failure(loop.error());
  made->loop_ = std::move(*loop);
  made->thread_ = std::jthread([&loop = *made->loop_] { loop.run(); });

  hosting::RegistryOptions hosting;
  hosting.worker_program = options.worker_program;
  hosting.plugins_dirs = {made->folder_->path() / "plugins"};
  hosting.models_dir = made->folder_->path() / "models";
  hosting.scratch_dir = made->folder_->path() / "scratch";
  hosting.serving = [serving = serving_options(options)](std::string_view) { return serving; };
  hosting.fetch = [samples](const std::string& url, const auto& done) { done(samples.fetched(url)); };
  hosting.loops = {made->loop_.get()};
  auto registry = hosting::Registry::create(std::move(hosting));
  if (!registry) return failure(registry.error());
  made->registry_ = std::move(*registry);
  made->on_stop_.emplace(options.stop,
                         [&registry = *made->registry_] { registry.drain(std::chrono::milliseconds(0)); });
  made->registry_->load_all();
  return made;
}

Result<> Workshop::lay_out(const fs::path& library, const fs::path& package) {
  auto made = ScratchFolder::create();
  if (!made) return failure(std::move(made.error()));
  folder_ = std::move(*made);
  const auto& folder = folder_->path();
  std::error_code error;
  fs::create_directories(folder / "plugins", error);
  fs::create_symlink(fs::absolute(library), folder / "plugins" / library.filename(), error);
  if (!error && !package.empty()) {
    const fs::path whole = fs::canonical(package, error);
    const auto [name, version] = name_and_version(whole);
    fs::create_directories(folder / "models" / name, error);
    fs::create_directory_symlink(whole, folder / "models" / name / version, error);
  }
  if (error) return failure(Code::unavailable, "cannot lay out " + folder.string() + ": " + error.message());
  return {};
}

Workshop::~Workshop() {
  on_stop_.reset();
  registry_.reset();
  if (loop_) loop_->stop();
  if (thread_.joinable()) thread_.join();
}

hosting::Outcome ask(const hosting::ModelPtr& model, hosting::Call call) {
  auto promise = std::make_shared<std::promise<hosting::Outcome>>();
  auto outcome = promise->get_future();
  model->submit(std::move(call), [promise](hosting::Outcome&& done) { promise->set_value(std::move(done)); });
  return outcome.get();
}

}  // namespace berth::conformance
