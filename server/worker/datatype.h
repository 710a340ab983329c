// SPDX-License-Identifier: Apache-2.0
// Datatypes of tensors: their names in the Open Inference Protocol, their numbers in the C ABI, their sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace berth::worker {

// "FP32" ↔ BERTH_FP32. Zero and "" where there is none.
std::uint32_t datatype_number(std::string_view name);
std::string_view datatype_name(std::uint32_t number);
// Bytes of one element; 0 for BERTH_BYTES and for what is no datatype.
std::size_t datatype_bytes(std::uint32_t number);

}  // namespace berth::worker
