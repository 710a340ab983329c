// SPDX-License-Identifier: Apache-2.0
// Prediction: one call on its way through the service: checked, put on record, answered, checked, put on record.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/service.h"

namespace berth::core {

// What is told of a method that a model lacks.
Error not_implemented(const std::string& model);
// What is told where a durable record could not be kept, because of `error`.
Error not_kept(const Error& error);

// Held by those that it waits for.
class Prediction : public std::enable_shared_from_this<Prediction> {
 public:
  // `recorder` may be null; it waits for this.
  Prediction(PredictRequest request, Recorder* recorder, hosting::OnOutcome on_outcome);
  ~Prediction();
  Prediction(const Prediction&) = delete;
  Prediction& operator=(const Prediction&) = delete;
  // As Service::predict.
  void run();

 private:
  using Clock = std::chrono::steady_clock;

  // Makes the call of the request.
  Result<> check();
  void submit();
  void answered(hosting::Outcome&& outcome);
  Result<hosting::Output> checked(hosting::Outcome&& outcome) const;
  // It does not get as far as the model.
  void refuse(Error error);
  Recorder::About about() const { return {view_.name, view_.version, call_.method}; }
  void finish(Result<> kept);
  void tell();
  void leave_recorder();

  const ModelView view_;
  const RecordNote note_;
  Recorder* recorder_ = nullptr;  // null where this is not put on record, or all of it is
  const hosting::OnOutcome on_outcome_;
  const Clock::time_point began_ = Clock::now();
  PredictRequest request_;
  OpenRecord record_ = {};
  hosting::Call call_ = {};
  hosting::Outcome outcome_ = {};
};

}  // namespace berth::core
