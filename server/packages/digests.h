// SPDX-License-Identifier: Apache-2.0
// Whether a package's files are those that it was published with.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "base/result.h"

namespace berth::packages {

// Compares the files of `folder` with the `sha256:` block of its model.yaml (`config`: file → digest), and with the
// manifest that `berth unpack` left there. Where there is neither nothing is read; files that neither names are not
// looked at. Blocks while it reads. invalid_argument: the first that differs, is missing or lies elsewhere. [any]
Result<> check_digests(const std::filesystem::path& folder, const json::Value& config);

}  // namespace berth::packages
