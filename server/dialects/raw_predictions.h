// SPDX-License-Identifier: Apache-2.0
// RawPredictions: what a model found in an image, in the form that the clients of deployments know.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "dialects/detail_reply.h"
#include "hosting/call.h"

namespace berth::dialects {

struct RawPredictions {
  // detection: detection_scores, detection_boxes, detection_classes; classification: without boxes; unclassified:
  // any other object.
  enum class Kind { detection, classification, unclassified };
  Kind kind = Kind::unclassified;
  std::string json;  // an object
};

std::string_view to_string(RawPredictions::Kind kind);

// Says in `errors` what is wrong with a client's: lists of one length, scores from 0 to 1, boxes of four numbers. [any]
RawPredictions::Kind check_raw_predictions(const json::Value& value, const BodyPlace& where, BodyErrors& errors);

// Of a model's answer: such an object, bare or as its (one) prediction, as it is; the labels of an image classifier as
// a classification; anything else as unclassified. [any]
RawPredictions raw_predictions_of(const hosting::Output& output);

}  // namespace berth::dialects
