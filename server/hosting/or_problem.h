// SPDX-License-Identifier: Apache-2.0
// What is thrown while one model or library is read is a problem of that one alone.
#pragma once

#include <exception>
#include <string>

namespace berth::hosting {

// What `read` returns, or what `on_thrown` makes of the reason for which it did not.
template <typename Read, typename OnThrown>
auto or_problem(Read read, OnThrown on_thrown) -> decltype(read()) {
  try {
    return read();
  } catch (const std::exception& thrown) {
    return on_thrown(std::string("reading it failed: ") + thrown.what());
  } catch (...) {
    return on_thrown(std::string("reading it failed"));
  }
}

}  // namespace berth::hosting
