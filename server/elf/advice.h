// SPDX-License-Identifier: Apache-2.0
// Which library usually has a symbol, and what to do where a library or symbol is missing.
#pragma once

#include <string>
#include <string_view>

namespace berth::elf {

struct SymbolAdvice {
  std::string library;  // how its file's name begins, "libopencv_core"; "" = no library has it
  std::string_view advice;
};

// For the name of a symbol as it stands in the file.
SymbolAdvice advice_for_symbol(std::string_view symbol);
// Whether only the plugin itself could define it: the SDK's own names are in no library.
bool belongs_to_plugin(std::string_view symbol);
// For the name of a library: "libcuda.so.1".
std::string_view advice_for_library(std::string_view name);
// As people read it: demangled where it is C++, cut where it is long. The name may be hostile.
std::string readable(const std::string& symbol);
// What stands in a file, for a message: what is not plain ASCII becomes '?'.
std::string printable(std::string text);

}  // namespace berth::elf
