// SPDX-License-Identifier: Apache-2.0
// BERTH_EXPORT_…: makes a library a plugin. Exactly one of them, once, at global scope, in one source file.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "berth/abi.h"
#include "berth/detail/names.h"
#include "berth/detail/thunks.h"
#include "berth/functions.h"
#include "berth/version.h"

// One model class. It is named as the library is: what berth_add_plugin was given, or else the class in snake_case.
#define BERTH_EXPORT_MODEL(Class) BERTH_EXPORT_MODELS(Class)

// Several model classes in one library. Each is named by its own `static constexpr const char* kName`, or else by the
// class in snake_case. (A class template's instance needs an alias: commas separate the classes.)
#define BERTH_EXPORT_MODELS(...)                                            \
  namespace {                                                               \
  struct BerthExportedNames {                                               \
    static constexpr std::string_view text() { return #__VA_ARGS__; }       \
    static constexpr const char* library() { return BERTH_DETAIL_LIBRARY; } \
  };                                                                        \
  }                                                                         \
  BERTH_DETAIL_ENTRY(::berth::detail::Tables<BerthExportedNames, __VA_ARGS__>)

// Free functions, each named as the method of BaseModel that it stands for, get_metadata at least:
//   BERTH_EXPORT_FUNCTIONS(greeter, get_metadata, get_test_args, predict_data)
// They take what the method takes; predict_data, predict_url, predict_batch and train may take a `const berth::Host&`
// besides.
#define BERTH_EXPORT_FUNCTIONS(model_name, ...)                       \
  namespace {                                                         \
  struct BerthExportedFunctions {                                     \
    static constexpr std::string_view text() { return #__VA_ARGS__; } \
  };                                                                  \
  struct BerthExportedNames {                                         \
    static constexpr std::string_view text() { return #model_name; }  \
    static constexpr const char* library() { return #model_name; }    \
  };                                                                  \
  }                                                                   \
  BERTH_DETAIL_ENTRY(::berth::detail::Tables<BerthExportedNames,      \
                                             ::berth::detail::FunctionModel<BerthExportedFunctions, __VA_ARGS__>>)

// The one symbol that a plugin exports. The declaration gives it C linkage and makes it visible; constexpr makes sure
// that no code runs to fill it.
#define BERTH_DETAIL_ENTRY(...)                                                        \
  extern "C" {                                                                         \
  extern __attribute__((visibility("default"))) const berth_plugin berth_plugin_entry; \
  }                                                                                    \
  __attribute__((used)) constexpr berth_plugin berth_plugin_entry = __VA_ARGS__::plugin();

#ifdef BERTH_PLUGIN_NAME
#define BERTH_DETAIL_LIBRARY BERTH_PLUGIN_NAME
#else
#define BERTH_DETAIL_LIBRARY ""
#endif

#ifndef BERTH_PLUGIN_VERSION
#define BERTH_PLUGIN_VERSION "0.0.0"
#endif

#define BERTH_DETAIL_QUOTE_AGAIN(value) #value
#define BERTH_DETAIL_QUOTE(value) BERTH_DETAIL_QUOTE_AGAIN(value)
#ifdef __clang__
#define BERTH_DETAIL_COMPILER ""
#else
#define BERTH_DETAIL_COMPILER "GCC "
#endif
#ifdef _LIBCPP_VERSION
#define BERTH_DETAIL_STANDARD_LIBRARY "libc++"
#else
#define BERTH_DETAIL_STANDARD_LIBRARY "libstdc++"
#endif
#define BERTH_DETAIL_BUILD_INFO \
  BERTH_DETAIL_COMPILER __VERSION__ ", C++ " BERTH_DETAIL_QUOTE(__cplusplus) ", " BERTH_DETAIL_STANDARD_LIBRARY

namespace berth {
inline namespace sdk_v1 {
namespace detail {

template <class M, class = void>
inline constexpr const char* kGivenName = nullptr;
template <class M>
inline constexpr const char* kGivenName<M, std::void_t<decltype(M::kName)>> = M::kName;

template <class Names, std::size_t kIndex>
inline constexpr NameBuffer kClassName = snake_case(nth_name(Names::text(), kIndex));

// The tables behind the entry, all made at compile time.
template <class Names, class... Models>
struct Tables {
  static constexpr bool kHasLibraryName = Names::library()[0] != '\0';

  static constexpr const char* library_name() {
    return kHasLibraryName ? Names::library() : kClassName<Names, 0>.data();
  }

  template <class M, std::size_t kIndex>
  static constexpr const char* model_name() {
    if (kGivenName<M> != nullptr) return kGivenName<M>;
    return sizeof...(Models) == 1 ? library_name() : kClassName<Names, kIndex>.data();
  }

  template <std::size_t... kIndex>
  static constexpr std::array<berth_model_type, sizeof...(Models)> make_types(std::index_sequence<kIndex...>) {
    static_assert(
        (is_model_name(model_name<Models, kIndex>()) && ...),
        "a model's name is made of a-z 0-9 _ -, begins with a letter or digit, and has at most 64 characters");
    return {make_model_type<Models>(model_name<Models, kIndex>())...};
  }
  template <std::size_t... kIndex>
  static constexpr std::array<const berth_model_type*, sizeof...(Models)> point_to(std::index_sequence<kIndex...>) {
    return {&kTypes[kIndex]...};
  }

  static constexpr auto kTypes = make_types(std::index_sequence_for<Models...>{});
  static constexpr auto kPointers = point_to(std::index_sequence_for<Models...>{});

  static constexpr berth_plugin plugin() {
    static_assert(is_model_name(library_name()), "a plugin's name is made of a-z 0-9 _ -, as a model's");
    return berth_plugin{sizeof(berth_plugin), BERTH_ABI_VERSION,       library_name(),   BERTH_PLUGIN_VERSION,
                        BERTH_SDK_VERSION,    BERTH_DETAIL_BUILD_INFO, kPointers.data(), kPointers.size()};
  }
};

}  // namespace detail
}  // namespace sdk_v1
}  // namespace berth
