// SPDX-License-Identifier: Apache-2.0
// What every route of a dialect is made of, under its short names.
#pragma once

#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace berth::dialects {

using http::PathParams;
using http::Reply;
using http::Request;
using http::Response;

}  // namespace berth::dialects
