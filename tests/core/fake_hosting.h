// SPDX-License-Identifier: Apache-2.0
// A registry and models without processes: tests say what they describe, and what they answer.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hosting/registry.h"

namespace berth::hosting {

class FakeModel final : public Model {
 public:
  using Answer = std::function<void(Call, OnOutcome)>;
  FakeModel(std::string name, Description description, Answer answer)
      : description_(std::make_shared<const Description>(std::move(description))), answer_(std::move(answer)) {
    source_.name = std::move(name);
    source_.version.assign(1, '1');  // GCC 12 warns wrongly of = "1" (its bug 105651)
    source_.plugin = "/plugins";
    source_.plugin /= source_.name;
    status_.state = State::ready;
  }

  FakeModel(Source source, Description description, Answer answer)
      : FakeModel(source.name, std::move(description), std::move(answer)) {
    source_ = std::move(source);
  }

  const Source& source() const override { return source_; }
  std::shared_ptr<const Description> description() const override { return description_; }
  Status status() const override { return status_; }
  void submit(Call call, OnOutcome on_outcome) override { answer_(std::move(call), std::move(on_outcome)); }

  Statistics& statistics() override { return statistics_; }
  MetricTable::Values own_metrics() const override { return own_metrics_; }

  void set_own_metrics(MetricTable::Values values) { own_metrics_ = std::move(values); }
  void set_status(Status status) { status_ = std::move(status); }

 private:
  Source source_;
  std::shared_ptr<const Description> description_;
  Answer answer_;
  Status status_;
  Statistics statistics_{8};
  MetricTable::Values own_metrics_;
};

// What the test sees of a run: its call, what was asked of it, and the callbacks to report through.
struct FakeRunControl {
  Call call;
  std::function<void(Progress)> on_progress;
  OnOutcome on_outcome;
  std::atomic<bool> stop_requested = false;
  std::atomic<bool> killed = false;
  std::atomic<bool> released = false;
  std::function<void()> on_kill = {};

  void finish(Result<Output> output, std::shared_ptr<NewPackage> package = {}) {
    on_outcome(Outcome{std::move(output), {}, "1", std::move(package)});
  }
};

class FakeRun final : public Run {
 public:
  explicit FakeRun(std::shared_ptr<FakeRunControl> control) : control_(std::move(control)) {}
  ~FakeRun() override { control_->released = true; }
  void request_stop() override { control_->stop_requested = true; }
  void kill() override {
    if (!control_->killed.exchange(true) && control_->on_kill) control_->on_kill();
  }

 private:
  std::shared_ptr<FakeRunControl> control_;
};

class FakeRegistry final : public Registry {
 public:
  void load_all() override {}
  void drain(std::chrono::milliseconds) override {}

  Result<ModelPtr> find(std::string_view name, std::string_view version) const override {
    for (const auto& listing : listings) {
      if (listing.name != name || (!version.empty() && listing.version != version)) continue;
      if (listing.model) return listing.model;
      return failure(Code::unavailable, "the model '" + listing.name + "' could not be loaded");
    }
    return failure(Code::not_found, "there is no model '" + std::string(name) + "'");
  }
  Result<ModelPtr> choose(std::string_view name, std::string_view version, std::string_view principal) const override {
    choices.push_back({std::string(name), std::string(version), std::string(principal)});
    return find(name, version.empty() ? shared_to : version);
  }
  std::vector<Listing> list() const override { return listings; }
  void load(std::string name, Done done) override {
    changes.push_back("load " + name);
    done(find(name, {}) ? Result<>() : failure(find(name, {}).error()));
  }
  void unload(std::string name, Done done) override {
    changes.push_back("unload " + name);
    done({});
  }
  Result<Rollout> rollout(std::string_view name) const override {
    if (auto found = find(name, {}); !found) return failure(found.error());
    return decided;
  }
  void change_rollout(std::string name, ChangeRollout change, Done done) override {
    if (auto found = find(name, {}); !found) return done(failure(found.error()));
    auto changed = change(decided);
    if (!changed) return done(failure(changed.error()));
    decided = std::move(*changed);
    done({});
  }

  Result<std::unique_ptr<Run>> start_run(const ModelPtr&, Call call, std::function<void(Progress)> on_progress,
                                         OnOutcome on_outcome) override {
    if (refuse_runs) return tl::unexpected<Error>(*refuse_runs);
    auto control = std::make_shared<FakeRunControl>();
    control->call = std::move(call);
    control->on_progress = std::move(on_progress);
    control->on_outcome = std::move(on_outcome);
    runs.push_back(control);
    if (on_run) on_run(*control);
    return std::make_unique<FakeRun>(control);
  }

  ModelPtr add(ModelPtr model) {
    listings.push_back(
        {model->source().name, model->source().version, model->source().plugin.string(), model->status(), model});
    return model;
  }

  struct Choice {
    std::string name;
    std::string version;
    std::string principal;
  };

  std::vector<Listing> listings;
  mutable std::vector<Choice> choices;  // what choose() was asked for
  std::vector<std::string> changes;     // "load m", "unload m"
  Rollout decided;
  std::string shared_to;  // the version for calls that name none; "" = the first
  std::vector<std::shared_ptr<FakeRunControl>> runs;
  std::function<void(FakeRunControl&)> on_run;  // inside start_run
  std::optional<Error> refuse_runs;
};

inline Output json_output(std::string text) { return {Output::Kind::json, Bytes(std::move(text)), "", "", {}}; }
inline Output text_output(std::string text) { return {Output::Kind::text, Bytes(std::move(text)), "", "", {}}; }
inline Output file_output(std::string content_type, std::string bytes, std::string file_name = "") {
  return {Output::Kind::file, Bytes(std::move(bytes)), std::move(content_type), std::move(file_name), {}};
}

}  // namespace berth::hosting
