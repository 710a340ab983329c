// SPDX-License-Identifier: Apache-2.0
// BaseModel: the class that a model derives from; what it does not override is not offered.
#pragma once

#include <vector>

#include "berth/arg_specs.h"
#include "berth/args.h"
#include "berth/error.h"
#include "berth/host.h"
#include "berth/json.h"
#include "berth/metadata.h"
#include "berth/package.h"
#include "berth/response.h"
#include "berth/tensor_spec.h"

namespace berth {
inline namespace sdk_v1 {

namespace detail {
struct HostAccess;
}

// Made once per worker, from one of these constructors (the first that the class has):
//   Model(const Package&, const Host&), Model(const Package&)  – it is served for each package that names its plugin
//   Model(const Host&), Model()                                – it is served under the plugin's own name
// One that has constructors of both kinds takes a package where there is one.
//
// Which methods a class overrides is found out when it is compiled; the others are 501 wherever they are asked for.
// No method is called while another one runs on the same object, and all on one thread: no locks are needed. Every
// method may throw: see Error.
class BaseModel {
 public:
  BaseModel() = default;
  BaseModel(const BaseModel&) = delete;
  BaseModel& operator=(const BaseModel&) = delete;
  virtual ~BaseModel() = default;

  // What the model says of itself. Asked when it is loaded.
  virtual Metadata get_metadata() const = 0;

  // The arguments of predictions and of training. Asked when it is loaded.
  virtual ArgSpecs get_test_args() const { return {}; }
  virtual ArgSpecs get_train_args() const { return {}; }

  // The tensors of predictions that come by the Open Inference Protocol, in args.tensors(), and those they are answered
  // with, Response::tensors(). A model without inputs is not offered there. Asked when it is loaded.
  virtual TensorSpecs get_inputs() const { return {}; }
  virtual TensorSpecs get_outputs() const { return {}; }

  // A JSON Schema (draft 4) that every JSON answer keeps; the server checks it.
  virtual Json get_response_schema() const { return Json::object(); }

  // Called before the model is offered: the place for a first, slow prediction.
  virtual void warm() {}

  // Answers one call. predict_data: the input is args.files() (or args.tensors()) and the arguments; predict_url:
  // args.urls().
  virtual Response predict_data(const Args&) { throw not_implemented("predict_data"); }
  virtual Response predict_url(const Args&) { throw not_implemented("predict_url"); }

  // Answers many predict_data calls at once: as many responses, in the same order. A class that overrides this one
  // alone gets its single calls as batches of one. Where it throws on several, each is tried alone, so that one bad
  // call does not take the others with it.
  virtual std::vector<Response> predict_batch(const std::vector<Args>& batch) {
    std::vector<Response> responses;
    responses.reserve(batch.size());
    for (const Args& args : batch) responses.push_back(predict_data(args));
    return responses;
  }

  // Trains, for as long as it takes, in a worker of its own. Tell host().progress() now and then, and return soon
  // after host().stop_requested().
  virtual Response train(const Args&) { throw not_implemented("train"); }

 protected:
  // Does nothing within the constructor; one that needs it there takes a `const Host&`.
  const Host& host() const { return host_; }

 private:
  friend struct detail::HostAccess;
  static Error not_implemented(const char* method) {
    return Error(501, std::string("the model does not implement ") + method);
  }
  Host host_;
};

}  // namespace sdk_v1
}  // namespace berth
