// SPDX-License-Identifier: Apache-2.0
// Reference: the configuration with its defaults, explained, as the file and as the page that ship with the program.
#pragma once

#include <string>

namespace berth::config {

std::string reference_yaml();      // config/berth.yaml
std::string reference_markdown();  // docs/configuration.md

}  // namespace berth::config
