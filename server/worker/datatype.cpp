// SPDX-License-Identifier: Apache-2.0
#include "worker/datatype.h"

#include <array>

#include "berth/abi.h"

namespace berth::worker {
namespace {

struct Datatype {
  std::uint32_t number;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Datatype, 13> kDatatypes{{{BERTH_BOOL, "BOOL", 1},
                                               {BERTH_UINT8, "UINT8", 1},
                                               {BERTH_UINT16, "UINT16", 2},
                                               {BERTH_UINT32, "UINT32", 4},
                                               {BERTH_UINT64, "UINT64", 8},
                                               {BERTH_INT8, "INT8", 1},
                                               {BERTH_INT16, "INT16", 2},
                                               {BERTH_INT32, "INT32", 4},
                                               {BERTH_INT64, "INT64", 8},
                                               {BERTH_FP16, "FP16", 2},
                                               {BERTH_FP32, "FP32", 4},
                                               {BERTH_FP64, "FP64", 8},
                                               {BERTH_BYTES, "BYTES", 0}}};

}  // namespace

std::uint32_t datatype_number(std::string_view name) {
  for (const auto& datatype : kDatatypes) {
    if (datatype.name == name) return datatype.number;
  }
  return 0;
}

std::string_view datatype_name(std::uint32_t number) {
  for (const auto& datatype : kDatatypes) {
    if (datatype.number == number) return datatype.name;
  }
  return {};
}

std::size_t datatype_bytes(std::uint32_t number) {
  for (const auto& datatype : kDatatypes) {
    if (datatype.number == number) return datatype.bytes;
  }
  return 0;
}

}  // namespace berth::worker
