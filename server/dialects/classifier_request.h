// SPDX-License-Identifier: Apache-2.0
// ClassifierRequest: the images in the body of a prediction, as the classifier's clients send them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "dialects/request_fields.h"
#include "http/response.h"

namespace berth::dialects::classifier {

struct Image {
  std::int64_t id = 0;
  Bytes bytes;
};

// Reads {"images":[{"image_id":0,"img_base64":"…"},…]}, whatever Content-Type says. The error is the answer: 422 that
// lists everything that is wrong, or 413. [any]
tl::expected<std::vector<Image>, http::Response> read_images(const http::Request& request, const BodyLimits& limits);

}  // namespace berth::dialects::classifier
