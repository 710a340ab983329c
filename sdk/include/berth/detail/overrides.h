// SPDX-License-Identifier: Apache-2.0
// Overrides: which methods of BaseModel a class overrides, found out at compile time.
#pragma once

#include <type_traits>

#include "berth/model.h"

namespace berth {
inline namespace sdk_v1 {
namespace detail {

// A member function's type without its class and noexcept.
template <class F>
struct Signature;
template <class C, class R, class... A>
struct Signature<R (C::*)(A...)> {
  using type = R(A...);
};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) noexcept> {
  using type = R(A...);
};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const> {
  using type = R(A...) const;
};
template <class C, class R, class... A>
struct Signature<R (C::*)(A...) const noexcept> {
  using type = R(A...) const;
};

template <class F, class G>
inline constexpr bool kSameSignature = std::is_same_v<typename Signature<F>::type, typename Signature<G>::type>;

// `&M::method` has BaseModel's member pointer type exactly when no class between the two declares the method. Where it
// cannot be formed (not public, or overloaded), M declares it.
#define BERTH_DETAIL_OVERRIDES(method)                                                                              \
  template <class M, class = void>                                                                                  \
  struct Overrides_##method : std::true_type {};                                                                    \
  template <class M>                                                                                                \
  struct Overrides_##method<M, std::void_t<decltype(&M::method)>>                                                   \
      : std::bool_constant<!std::is_same_v<decltype(&M::method), decltype(&BaseModel::method)>> {                   \
    static_assert(kSameSignature<decltype(&M::method), decltype(&BaseModel::method)>,                               \
                  "the model declares " #method                                                                     \
                  " with other parameters than berth::BaseModel has: it hides the method instead of overriding it " \
                  "(write `override` behind it)");                                                                  \
  }
BERTH_DETAIL_OVERRIDES(get_test_args);
BERTH_DETAIL_OVERRIDES(get_train_args);
BERTH_DETAIL_OVERRIDES(get_inputs);
BERTH_DETAIL_OVERRIDES(get_outputs);
BERTH_DETAIL_OVERRIDES(get_response_schema);
BERTH_DETAIL_OVERRIDES(warm);
BERTH_DETAIL_OVERRIDES(predict_data);
BERTH_DETAIL_OVERRIDES(predict_url);
BERTH_DETAIL_OVERRIDES(predict_batch);
BERTH_DETAIL_OVERRIDES(train);
#undef BERTH_DETAIL_OVERRIDES

// The methods of M; FunctionModel (functions.h) has a specialisation.
template <class M, class = void>
struct Methods {
  static constexpr bool kGetTestArgs = Overrides_get_test_args<M>::value;
  static constexpr bool kGetTrainArgs = Overrides_get_train_args<M>::value;
  static constexpr bool kGetInputs = Overrides_get_inputs<M>::value;
  static constexpr bool kGetOutputs = Overrides_get_outputs<M>::value;
  static constexpr bool kGetResponseSchema = Overrides_get_response_schema<M>::value;
  static constexpr bool kWarm = Overrides_warm<M>::value;
  static constexpr bool kPredictData = Overrides_predict_data<M>::value;
  static constexpr bool kPredictUrl = Overrides_predict_url<M>::value;
  static constexpr bool kPredictBatch = Overrides_predict_batch<M>::value;
  static constexpr bool kTrain = Overrides_train<M>::value;
};

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
