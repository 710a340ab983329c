// SPDX-License-Identifier: Apache-2.0
// Recorder: takes the one response of a Reply in tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/response.h"

namespace berth::http {

struct Recorder {
  int deliveries = 0;
  Response response;

  Reply reply() {
    struct Sink : ReplySink {
      Recorder* recorder = nullptr;
      void deliver(Response delivered) override {
        ++recorder->deliveries;
        recorder->response = std::move(delivered);
      }
    };
    auto sink = std::make_unique<Sink>();
    sink->recorder = this;
    return Reply(std::move(sink));
  }

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "(none)";
  }
};

}  // namespace berth::http
