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

std::string_view api_document_deployments() {
  return R"json({
"/api/login": {"post": {"tags": ["deployments"], "operationId": "deployments_login",
  "summary": "A token of one deployment, for a key", "consumes": ["application/json"], "produces": ["application/json"],
  "parameters": [
    {"name": "Authorization", "in": "header", "required": true, "type": "string", "description": "Token, and the key"},
    {"name": "login", "in": "body", "required": true, "schema": {"type": "object",
      "required": ["deployment_id", "api_token"],
      "properties": {"deployment_id": {"type": "string"}, "api_token": {"type": "string"}}}}],
  "responses": {
    "200": {"description": "The token", "schema": {"type": "object", "properties": {"jwt": {"type": "string"}}}},
    "401": {"description": "The key is wrong, or there is no such deployment for its user"}}}},
"/api/auth/login": {"post": {"tags": ["deployments"], "operationId": "deployments_auth_login",
  "summary": "As /api/login", "consumes": ["application/json"], "produces": ["application/json"],
  "parameters": [
    {"name": "Authorization", "in": "header", "required": true, "type": "string", "description": "Token, and the key"},
    {"name": "login", "in": "body", "required": true, "schema": {"type": "object"}}],
  "responses": {"200": {"description": "The token"}, "401": {"description": "As /api/login"}}}},
"/api/deployment/{deployment}/predict": {"post": {"tags": ["deployments"], "operationId": "deployments_predict",
  "summary": "What the deployment's model finds in an image", "consumes": ["multipart/form-data"],
  "produces": ["application/json"],
  "parameters": [
    {"name": "Authorization", "in": "header", "required": true, "type": "string", "description": "Bearer, and the token"},
    {"name": "deployment", "in": "path", "required": true, "type": "string"},
    {"name": "media", "in": "formData", "required": true, "type": "file"},
    {"name": "source", "in": "formData", "type": "string"},
    {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"}],
  "responses": {
    "200": {"description": "The prediction", "schema": {"type": "object", "properties": {
      "filename": {"type": "string"}, "content_type": {"type": "string"}, "height": {"type": "integer"},
      "width": {"type": "integer"}, "latency": {"type": "number"}, "kind": {"type": "string"},
      "raw_predictions": {"type": "object"}}}},
    "401": {"description": "The token is not good, or no longer"},
    "403": {"description": "The token is for another deployment"}}}}
})json";
}

}  // namespace berth::dialects
