// SPDX-License-Identifier: Apache-2.0
#include "dialects/api_document_dialects.h"

namespace berth::dialects {

std::string_view api_document_classifier() {
  return R"json({
"/classifier/predictions": {"post": {"tags": ["classifier"], "operationId": "classifier_predictions",
  "summary": "The most probable label of each image, by the active model", "consumes": ["application/json"],
  "produces": ["application/json"],
  "parameters": [
    {"name": "X-API-Key", "in": "header", "required": true, "type": "string"},
    {"name": "request", "in": "body", "required": true, "schema": {"type": "object", "required": ["images"],
      "properties": {"images": {"type": "array", "items": {"type": "object", "required": ["image_id", "img_base64"],
        "properties": {"image_id": {"type": "integer"}, "img_base64": {"type": "string"}}}}}}}],
  "responses": {
    "200": {"description": "The labels, in the order of the images", "schema": {"type": "object", "properties": {
      "code": {"type": "integer"}, "response": {"type": "object", "properties": {"model": {"type": "string"},
        "results": {"type": "array", "items": {"type": "object", "properties": {"image_id": {"type": "integer"},
          "max_score": {"type": "number"}, "label": {"type": "string"}}}}}}}}},
    "401": {"description": "The key is wrong"}, "403": {"description": "There is no key"},
    "422": {"description": "No model is active, the body is malformed, or an image is none"}}}},
"/classifier/prediction-service/{model}": {"put": {"tags": ["classifier"], "operationId": "classifier_change",
  "summary": "Load a model and make it the active one; needs the right to manage it", "produces": ["application/json"],
  "parameters": [
    {"name": "X-API-Key", "in": "header", "required": true, "type": "string"},
    {"name": "model", "in": "path", "required": true, "type": "string"}],
  "responses": {"200": {"description": "It is the active one"}, "404": {"description": "There is no such package"},
    "422": {"description": "It cannot be loaded, and why"}}}}
})json";
}

}  // namespace berth::dialects
