// SPDX-License-Identifier: Apache-2.0
// Everything that a plugin needs: derive from berth::BaseModel, then BERTH_EXPORT_MODEL(YourClass). See
// docs/write-a-plugin.md.
#pragma once

#include "berth/arg_specs.h"    // IWYU pragma: export
#include "berth/args.h"         // IWYU pragma: export
#include "berth/error.h"        // IWYU pragma: export
#include "berth/export.h"       // IWYU pragma: export
#include "berth/file.h"         // IWYU pragma: export
#include "berth/functions.h"    // IWYU pragma: export
#include "berth/host.h"         // IWYU pragma: export
#include "berth/json.h"         // IWYU pragma: export
#include "berth/metadata.h"     // IWYU pragma: export
#include "berth/model.h"        // IWYU pragma: export
#include "berth/package.h"      // IWYU pragma: export
#include "berth/response.h"     // IWYU pragma: export
#include "berth/tensor.h"       // IWYU pragma: export
#include "berth/tensor_spec.h"  // IWYU pragma: export
#include "berth/version.h"      // IWYU pragma: export
