// SPDX-License-Identifier: Apache-2.0
// The version of the SDK that a plugin was built with; the build checks that it is the project's.
#pragma once

#define BERTH_SDK_VERSION "0.1.0"
