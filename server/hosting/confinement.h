// SPDX-License-Identifier: Apache-2.0
// What a worker may touch, put together from what its model is made of and what the operator allows.
#pragma once

#include <filesystem>

#include "hosting/model.h"
#include "worker/confinement.h"

namespace berth::hosting {

worker::Confinement confinement_of(const Source& source, const ServingOptions& serving,
                                   const std::filesystem::path& scratch);

// For one that says what a library holds. `serving`: of models that nobody named.
worker::Confinement confinement_of(const std::filesystem::path& library, const ServingOptions& serving);

}  // namespace berth::hosting
