// SPDX-License-Identifier: Apache-2.0
// What a worker says of its model, read as something that comes from outside.
#pragma once

#include "base/result.h"
#include "hosting/model.h"
#include "worker/protocol.h"

namespace berth::hosting {

// unavailable: it is not what a Description promises, and which part of it.
Result<Description> read_description(const worker::Ready& ready);

}  // namespace berth::hosting
