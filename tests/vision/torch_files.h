// SPDX-License-Identifier: Apache-2.0
// torch_files: small networks that tests write as TorchScript source.
#pragma once

// First: clang, in C++20, needs IValue complete before the headers that merely declare it.
#include <ATen/core/ivalue.h>

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

namespace berth::vision::test {

// A network that gives `result` for the images `x`. Not frozen, and in training mode: as a file that was saved without
// a second thought.
inline void save_network(const std::filesystem::path& path, const std::string& result) {
  torch::jit::Module module("Network");
  module.register_attribute("training", c10::BoolType::get(), true);
  module.define("def forward(self, x):\n    return " + result + "\n");
  module.save(path.string());
}

}  // namespace berth::vision::test
