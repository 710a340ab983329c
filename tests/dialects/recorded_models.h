// SPDX-License-Identifier: Apache-2.0
// The models that the original servers were recorded with, as fakes without a process.
#pragma once

#include "core/fake_hosting.h"

namespace berth::test {

hosting::ModelPtr probe_model();                  // V2: every argument type, every kind of answer
hosting::ModelPtr deepaas_test_model();           // V2: a response schema, three content types
hosting::ModelPtr v1_demo_model();                // V1
hosting::ModelPtr empty_model(std::string name);  // implements nothing

}  // namespace berth::test
