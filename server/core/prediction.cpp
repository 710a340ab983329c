// SPDX-License-Identifier: Apache-2.0
#include "core/prediction.h"

#include <iterator>
#include <utility>

#include "base/log.h"
#include "core/output_check.h"

namespace berth::core {

Error not_implemented(const std::string& model) {
  return {Code::not_implemented, "Not implemented by underlying model (loaded '" + model + "')"};
}

Error not_kept(const Error& error) {
  log::warning("a request was not answered, for it could not be put on record: " + error.message,
               {.component = "core"});
  return {.code = Code::busy,
          .message = "the request could not be put on record, so it is not answered",
          .retry_after = std::chrono::seconds(1)};
}

Prediction::Prediction(PredictRequest request, Recorder* recorder, hosting::OnOutcome on_outcome)
    : view_(std::move(request.model)),
      note_(std::move(request.record)),
      on_outcome_(std::move(on_outcome)),
      request_(std::move(request)) {
  if (recorder != nullptr) record_ = recorder->open(note_, view_.name);
  if (record_.mode == records::Mode::off) return;
  recorder_ = recorder;
  recorder_->begin_use();
}

Prediction::~Prediction() { leave_recorder(); }

void Prediction::leave_recorder() {
  if (auto* recorder = std::exchange(recorder_, nullptr)) recorder->end_use();
}

// Whoever has kept the callback for it may keep this longer than that.
void Prediction::tell() {
  on_outcome_(std::move(outcome_));
  leave_recorder();
}

void Prediction::run() {
  const auto fit = check();
  request_.args = {};  // it refers to what need not live any longer
  if (!fit) return refuse(fit.error());
  if (recorder_ == nullptr) return submit();
  recorder_->keep_request(record_, note_, about(), call_, [self = shared_from_this()](const Result<>& kept) {
    if (kept) return self->submit();
    self->leave_recorder();
    self->refuse(not_kept(kept.error()));
  });
}

Result<> Prediction::check() {
  const auto& declarations = *view_.declarations;
  call_.method = request_.method;
  if (!declarations.implements(call_.method)) return failure(not_implemented(view_.name));
  if (request_.by_tensors) {
    if (declarations.inputs.empty()) {
      return failure(Code::not_implemented, "the model '" + view_.name + "' declares no tensors that it takes");
    }
    const auto fit = check_inputs(declarations.inputs, request_.tensors);
    if (!fit) return failure(fit.error());
  }
  auto args = check_args(declarations.test_args, request_.args);
  if (!args) return failure(std::move(args.error()));
  call_.request_id = request_.request_id;
  call_.args_json = std::move(args->json);
  call_.files = std::move(request_.files);
  call_.files.insert(call_.files.end(), std::make_move_iterator(args->files.begin()),
                     std::make_move_iterator(args->files.end()));
  call_.urls = std::move(request_.urls);
  call_.tensors = std::move(request_.tensors);
  return {};
}

void Prediction::submit() {
  view_.model->submit(std::move(call_),
                      [self = shared_from_this()](hosting::Outcome&& outcome) { self->answered(std::move(outcome)); });
}

Result<hosting::Output> Prediction::checked(hosting::Outcome&& outcome) const {
  if (!outcome.output) return std::move(outcome.output);
  if (request_.by_tensors) {
    const auto fits = check_outputs(view_.declarations->outputs, *outcome.output);
    if (!fits) return tl::unexpected<Error>(fits.error());
    return std::move(outcome.output);
  }
  return check_output(std::move(*outcome.output), view_.declarations->schema.get(),
                      {.request_id = request_.request_id, .model = view_.name, .component = "core"});
}

void Prediction::answered(hosting::Outcome&& outcome) {
  outcome_.timings = outcome.timings;
  outcome_.version = std::move(outcome.version);
  outcome_.output = checked(std::move(outcome));
  const auto took = Clock::now() - began_;
  auto& statistics = view_.model->statistics();
  if (outcome_.output) {
    statistics.count_success(outcome_.timings, took);
  } else {
    statistics.count_failure(outcome_.output.error().code, took);
  }
  if (recorder_ == nullptr) return tell();
  recorder_->keep_response(record_, {outcome_.output, outcome_.timings},
                           [self = shared_from_this()](const Result<>& kept) { self->finish(kept); });
}

void Prediction::finish(Result<> kept) {
  // An error may be told without a record; what a model gave may not.
  if (!kept && outcome_.output) outcome_.output = failure(not_kept(kept.error()));
  tell();
}

void Prediction::refuse(Error error) {
  view_.model->statistics().count_failure(error.code, Clock::now() - began_);
  outcome_ = {tl::unexpected<Error>(std::move(error)), {}, view_.version};
  if (recorder_ == nullptr) return tell();
  recorder_->keep_both(record_, note_, about(), call_, {outcome_.output, outcome_.timings},
                       [self = shared_from_this()](const Result<>& kept) { self->finish(kept); });
}

}  // namespace berth::core
