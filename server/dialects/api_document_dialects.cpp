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
    "401": {"description": "The key is wrong, or there is no such deployment for its user"},
    "429": {"description": "Too many failed logins from this address, or a quota"}}}},
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
    "200": {"description": "The prediction", "schema": {"type": "object", "properties": {"id": {"type": "integer"},
      "filename": {"type": "string"}, "content_type": {"type": "string"}, "height": {"type": "integer"},
      "width": {"type": "integer"}, "latency": {"type": "number"}, "kind": {"type": "string"},
      "raw_predictions": {"type": "object"}}}},
    "401": {"description": "The token is not good, or no longer"},
    "403": {"description": "The token is for another deployment"}}}},
"/api/deployment/{deployment}/predictions": {"post": {"tags": ["deployments"], "operationId": "deployments_keep",
  "summary": "Put on record what a model elsewhere found in an image", "consumes": ["application/json"],
  "produces": ["application/json"],
  "parameters": [
    {"name": "Authorization", "in": "header", "required": true, "type": "string", "description": "Bearer, and the token"},
    {"name": "deployment", "in": "path", "required": true, "type": "string"},
    {"name": "prediction", "in": "body", "required": true, "schema": {"type": "object",
      "required": ["filename", "content_type", "height", "width", "image", "raw_predictions", "latency"],
      "properties": {"filename": {"type": "string"}, "content_type": {"type": "string"},
        "height": {"type": "integer"}, "width": {"type": "integer"}, "image": {"type": "string"},
        "raw_predictions": {"type": "object"}, "latency": {"type": "number"}, "source": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}}}}}],
  "responses": {
    "201": {"description": "It is on record", "schema": {"type": "object", "properties": {
      "id": {"type": "integer"}, "kind": {"type": "string"}}}},
    "401": {"description": "The token is not good, or no longer"},
    "403": {"description": "The token is for another deployment"},
    "422": {"description": "What is wrong with which member"},
    "501": {"description": "Nothing is put on record here"}}}}
})json";
}

std::string_view api_document_tabular() {
  return R"json({
  "/register-user": {"post": {"tags": ["tabular"], "operationId": "tabular_register",
    "summary": "Make oneself a user, where registration is open", "consumes": ["application/json"], "produces": ["application/json"],
    "parameters": [{"in": "body", "name": "user", "required": true, "schema": {"type": "object",
      "required": ["username", "password", "email"], "properties": {
        "username": {"type": "string"}, "password": {"type": "string"}, "email": {"type": "string"}}}}],
    "responses": {"201": {"description": "The user's id", "schema": {"type": "object"}},
                  "400": {"description": "What is wrong with which field", "schema": {"$ref": "#/definitions/BadRequest"}},
                  "403": {"description": "Registration is closed", "schema": {"$ref": "#/definitions/Failure"}},
                  "409": {"description": "The name is taken, and by whom", "schema": {"type": "object"}},
                  "429": {"description": "Too many registrations from this address", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/token": {"post": {"tags": ["tabular"], "operationId": "tabular_token", "summary": "A token for a username and password",
    "consumes": ["application/json"], "produces": ["application/json"],
    "parameters": [{"in": "body", "name": "login", "required": true, "schema": {"type": "object",
      "required": ["username", "password"], "properties": {"username": {"type": "string"}, "password": {"type": "string"}}}}],
    "responses": {"200": {"description": "The token", "schema": {"type": "object"}},
                  "401": {"description": "Wrong username or password", "schema": {"$ref": "#/definitions/Failure"}},
                  "429": {"description": "Too many failed logins", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/token_status/{token}": {"get": {"tags": ["tabular"], "operationId": "tabular_token_status", "summary": "Whether a token is good",
    "produces": ["application/json"],
    "parameters": [{"in": "path", "name": "token", "type": "string", "required": true}],
    "responses": {"200": {"description": "It is", "schema": {"$ref": "#/definitions/Failure"}},
                  "401": {"description": "It is not", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/predict": {"post": {"tags": ["tabular"], "operationId": "tabular_predict", "summary": "The probability for one row of features",
    "consumes": ["application/json"], "produces": ["application/json"],
    "parameters": [{"in": "body", "name": "features", "required": true, "schema": {"type": "object"}}],
    "responses": {"200": {"description": "yhat_prob, and yhat, which is 1 where that is more than 0.5; both as texts",
                          "schema": {"type": "object", "properties": {"yhat_prob": {"type": "string"}, "yhat": {"type": "string"}}}},
                  "400": {"description": "What is wrong with which feature", "schema": {"$ref": "#/definitions/BadRequest"}},
                  "401": {"description": "A token is needed", "schema": {"$ref": "#/definitions/ProtocolError"}}}}},
  "/toggle-user-permission/{id}/{enabled}": {"put": {"tags": ["tabular"], "operationId": "tabular_toggle",
    "summary": "Enable or disable a user, for admins", "produces": ["application/json"],
    "parameters": [{"in": "path", "name": "id", "type": "integer", "required": true},
                   {"in": "path", "name": "enabled", "type": "boolean", "required": true}],
    "responses": {"200": {"description": "The user's id", "schema": {"type": "object"}},
                  "404": {"description": "There is no such user", "schema": {"$ref": "#/definitions/Failure"}},
                  "409": {"description": "This is the last admin", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/remove-user/{id}": {"delete": {"tags": ["tabular"], "operationId": "tabular_remove", "summary": "Remove a user, for admins",
    "produces": ["application/json"],
    "parameters": [{"in": "path", "name": "id", "type": "integer", "required": true}],
    "responses": {"200": {"description": "They are gone", "schema": {"$ref": "#/definitions/Failure"}},
                  "404": {"description": "There is no such user", "schema": {"$ref": "#/definitions/Failure"}},
                  "409": {"description": "This is the last admin", "schema": {"$ref": "#/definitions/Failure"}}}}}
})json";
}

}  // namespace berth::dialects
