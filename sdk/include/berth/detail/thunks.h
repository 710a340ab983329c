// SPDX-License-Identifier: Apache-2.0
// Thunks: the functions of the C ABI that call a model class, and the table of them.
#pragma once

#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "berth/abi.h"
#include "berth/detail/overrides.h"
#include "berth/detail/send.h"
#include "berth/model.h"

namespace berth {
inline namespace sdk_v1 {
namespace detail {

struct HostAccess {
  static void attach(BaseModel& model, const Host& host) { model.host_ = host; }
};

// How a class can be made; the first that holds is taken.
template <class M>
struct Making {
  static constexpr bool kFromPackageAndHost = std::is_constructible_v<M, const Package&, const Host&>;
  static constexpr bool kFromPackage = kFromPackageAndHost || std::is_constructible_v<M, const Package&>;
  static constexpr bool kFromHost = std::is_constructible_v<M, const Host&>;
  static constexpr bool kFromNothing = kFromHost || std::is_default_constructible_v<M>;
  static_assert(kFromPackage || kFromNothing,
                "a model needs a public constructor: Model(), Model(const berth::Host&), Model(const berth::Package&) "
                "or Model(const berth::Package&, const berth::Host&)");
};

template <class M>
std::unique_ptr<M> make_model(const Package* package, const Host& host) {
  using How = Making<M>;
  if constexpr (How::kFromPackage) {
    if (package != nullptr) {
      if constexpr (How::kFromPackageAndHost) {
        return std::make_unique<M>(*package, host);
      } else {
        return std::make_unique<M>(*package);
      }
    }
  }
  if constexpr (How::kFromHost) {
    return std::make_unique<M>(host);
  } else if constexpr (How::kFromNothing) {
    return std::make_unique<M>();
  } else {
    throw std::invalid_argument("the model is made from a package, and there is none");
  }
}

// What the host holds as `void*`.
template <class M>
struct Instance {
  Host host;
  std::unique_ptr<Package> package;  // outlives the model, which may keep a reference
  std::unique_ptr<M> model;
};

template <class M>
struct Thunks {
  static_assert(std::is_base_of_v<BaseModel, M>, "a model derives publicly from berth::BaseModel");

  static void* create(const berth_host* host, const berth_package* package, const berth_result* result) noexcept {
    void* created = nullptr;
    guard(*result, [&] {
      auto made = std::make_unique<Instance<M>>();
      made->host = Host(host);
      if (package != nullptr) made->package = std::make_unique<Package>(*package);
      made->model = make_model<M>(made->package.get(), made->host);
      HostAccess::attach(*made->model, made->host);
      created = made.release();
    });
    return created;
  }

  static void destroy(void* self) noexcept {
    try {
      std::unique_ptr<Instance<M>>(static_cast<Instance<M>*>(self)).reset();
    } catch (...) {  // a destructor that throws has nobody to tell
    }
  }

  static void get_metadata(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { send(*result, to_json(model(self).get_metadata()), host(self)); });
  }
  static void get_test_args(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { send(*result, to_json(model(self).get_test_args()), host(self)); });
  }
  static void get_train_args(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { send(*result, to_json(model(self).get_train_args()), host(self)); });
  }
  static void get_inputs(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { send(*result, to_json(model(self).get_inputs()), host(self)); });
  }
  static void get_outputs(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { send(*result, to_json(model(self).get_outputs()), host(self)); });
  }
  static void get_response_schema(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { send(*result, model(self).get_response_schema(), host(self)); });
  }
  static void warm(void* self, const berth_result* result) noexcept {
    guard(*result, [&] { model(self).warm(); });
  }
  static void predict_data(void* self, const berth_args* args, const berth_result* result) noexcept {
    guard(*result, [&] {
      if constexpr (Methods<M>::kPredictData) {
        const Args call(*args);  // outlives the response, which may borrow from it
        send(*result, model(self).predict_data(call), host(self));
      } else {
        batch_of_one(self, *args, *result);
      }
    });
  }
  static void predict_url(void* self, const berth_args* args, const berth_result* result) noexcept {
    guard(*result, [&] {
      const Args call(*args);
      send(*result, model(self).predict_url(call), host(self));
    });
  }
  static void train(void* self, const berth_args* args, const berth_result* result) noexcept {
    guard(*result, [&] {
      const Args call(*args);
      send(*result, model(self).train(call), host(self));
    });
  }

  static void predict_batch(void* self, const berth_args* const* args, std::size_t count,
                            const berth_result* const* results) noexcept {
    std::size_t answered = 0;
    if (count > 1) {
      try {
        answer_batch(self, args, count, results, answered);
        return;
      } catch (...) {  // whose fault it is shows when each is tried alone
      }
    }
    for (std::size_t i = answered; i < count; ++i) {
      guard(*results[i], [&] { batch_of_one(self, *args[i], *results[i]); });
    }
  }

 private:
  // Throws before the first answer, or not at all for the call at `answered`.
  static void answer_batch(void* self, const berth_args* const* args, std::size_t count,
                           const berth_result* const* results, std::size_t& answered) {
    std::vector<Args> calls;
    calls.reserve(count);
    for (std::size_t i = 0; i < count; ++i) calls.emplace_back(*args[i]);
    std::vector<Response> responses = model(self).predict_batch(calls);
    check_count(responses, count);
    for (; answered < count; ++answered) {
      guard(*results[answered], [&] { send(*results[answered], std::move(responses[answered]), host(self)); });
    }
  }

  static void batch_of_one(void* self, const berth_args& args, const berth_result& result) {
    std::vector<Args> calls;
    calls.emplace_back(args);
    std::vector<Response> responses = model(self).predict_batch(calls);
    check_count(responses, 1);
    send(result, std::move(responses.front()), host(self));
  }

  static void check_count(const std::vector<Response>& responses, std::size_t count) {
    if (responses.size() == count) return;
    throw std::logic_error("predict_batch answered " + std::to_string(count) + " call(s) with " +
                           std::to_string(responses.size()) + " response(s)");
  }

  // As BaseModel, whose members are public even where the class overrides them privately.
  static BaseModel& model(void* self) { return *static_cast<Instance<M>*>(self)->model; }
  static const Host& host(void* self) { return static_cast<Instance<M>*>(self)->host; }
};

template <class M>
constexpr berth_model_type make_model_type(const char* name) {
  using Has = Methods<M>;
  using Calls = Thunks<M>;
  return berth_model_type{
      sizeof(berth_model_type),
      Making<M>::kFromNothing ? 0u : 1u,
      name,
      &Calls::create,
      &Calls::destroy,
      &Calls::get_metadata,
      Has::kGetTestArgs ? &Calls::get_test_args : nullptr,
      Has::kGetTrainArgs ? &Calls::get_train_args : nullptr,
      Has::kGetResponseSchema ? &Calls::get_response_schema : nullptr,
      Has::kWarm ? &Calls::warm : nullptr,
      Has::kPredictData || Has::kPredictBatch ? &Calls::predict_data : nullptr,
      Has::kPredictUrl ? &Calls::predict_url : nullptr,
      Has::kPredictBatch ? &Calls::predict_batch : nullptr,
      Has::kTrain ? &Calls::train : nullptr,
      Has::kGetInputs ? &Calls::get_inputs : nullptr,
      Has::kGetOutputs ? &Calls::get_outputs : nullptr,
  };
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
