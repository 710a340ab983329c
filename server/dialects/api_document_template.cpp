// SPDX-License-Identifier: Apache-2.0
#include "dialects/api_document_template.h"

namespace berth::dialects {

std::string_view api_document_template() {
  return R"json({
"swagger": "2.0",
"info": {
  "title": "Berth",
  "version": "2",
  "description": "Models behind a REST API. Every model that is ready has the operations of DEEPaaS V2 (/v2/models) and V1 (/models)."
},
"tags": [
  {"name": "models", "description": "Model information, predictions and trainings (V2)"},
  {"name": "inference", "description": "The same by tensors: the Open Inference Protocol v2 of KServe and Triton"},
  {"name": "models (V1)", "description": "The same in the form of DEEPaaS V1"},
  {"name": "versions", "description": "Versions of the API"},
  {"name": "debug", "description": "The server's recent output"},
  {"name": "server", "description": "The server itself: this document, the page that shows it, the state of the models"}
],
"paths": {
  "/": {"get": {"tags": ["versions"], "operationId": "versions", "summary": "Get available API versions",
    "produces": ["application/json"],
    "responses": {"200": {"description": "The versions", "schema": {"$ref": "#/definitions/Versions"}}}}},
  "/v2/": {"get": {"tags": ["versions"], "operationId": "version", "summary": "Get V2 API version information",
    "produces": ["application/json"],
    "responses": {"200": {"description": "The version", "schema": {"$ref": "#/definitions/Version"}}}}},
  "/v2/debug/": {"get": {"tags": ["debug"], "operationId": "debug", "summary": "Return debug information if enabled",
    "produces": ["text/plain"],
    "responses": {"200": {"description": "Recent output of the server"}, "204": {"description": "Not enabled"}}}},
  "/v2/models/": {"get": {"tags": ["models"], "operationId": "models",
    "summary": "Return loaded models and its information", "produces": ["application/json"],
    "responses": {"200": {"description": "The models", "schema": {"$ref": "#/definitions/Models"}}}}},
  "/v2/health/live": {"get": {"tags": ["inference"], "operationId": "live", "summary": "Whether the server answers",
    "produces": ["application/json"], "responses": {"200": {"description": "{\"live\": true}"}}}},
  "/v2/health/ready": {"get": {"tags": ["inference"], "operationId": "ready", "summary": "Whether every model is ready",
    "produces": ["application/json"],
    "responses": {"200": {"description": "{\"ready\": true}"}, "503": {"description": "{\"ready\": false}"}}}},
  "/metrics": {"get": {"tags": ["server"], "operationId": "metrics",
    "summary": "What Prometheus reads; for clients on the server's own machine", "produces": ["text/plain"],
    "responses": {"200": {"description": "Metrics in Prometheus' text format"},
                  "403": {"description": "Not from this machine", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/v2/berth/models": {"get": {"tags": ["server"], "operationId": "listings",
    "summary": "Every model, ready or not, with its workers; for clients on the server's own machine",
    "produces": ["application/json"],
    "responses": {"200": {"description": "The models", "schema": {"type": "array", "items": {"type": "object"}}},
                  "403": {"description": "Not from this machine", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/v2/berth/models/{model}/rollout": {
    "get": {"tags": ["server"], "operationId": "rollout",
      "summary": "Which version is active, and which have labels; for clients on the server's own machine",
      "produces": ["application/json"],
      "parameters": [{"in": "path", "name": "model", "type": "string", "required": true}],
      "responses": {"200": {"description": "The rollout", "schema": {"type": "object"}},
                    "403": {"description": "Not from this machine", "schema": {"$ref": "#/definitions/Failure"}}}},
    "patch": {"tags": ["server"], "operationId": "change_rollout",
      "summary": "Merge a JSON object into it: active, labels, sticky, unloaded",
      "consumes": ["application/json"], "produces": ["application/json"],
      "parameters": [{"in": "path", "name": "model", "type": "string", "required": true},
                     {"in": "body", "name": "change", "required": true, "schema": {"type": "object"}}],
      "responses": {"200": {"description": "The rollout as it is now", "schema": {"type": "object"}},
                    "403": {"description": "Not from this machine", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/v2/berth/models/{model}/rollback": {"post": {"tags": ["server"], "operationId": "roll_back",
    "summary": "Make the version active that was so before",
    "produces": ["application/json"],
    "parameters": [{"in": "path", "name": "model", "type": "string", "required": true}],
    "responses": {"200": {"description": "The rollout as it is now", "schema": {"type": "object"}},
                  "409": {"description": "There is none", "schema": {"$ref": "#/definitions/Failure"}}}}},
  "/v2/repository/index": {"post": {"tags": ["inference"], "operationId": "repository_index",
    "summary": "Every version of every model, and how it stands", "consumes": ["application/json"],
    "produces": ["application/json"],
    "parameters": [{"in": "body", "name": "filter", "schema": {"type": "object",
      "properties": {"ready": {"type": "boolean"}}}}],
    "responses": {"200": {"description": "The versions", "schema": {"type": "array", "items": {"type": "object"}}}}}},
  "/v2/repository/models/{model}/load": {"post": {"tags": ["inference"], "operationId": "repository_load",
    "summary": "Load the newest version, or try again what failed; for clients on the server's own machine",
    "parameters": [{"in": "path", "name": "model", "type": "string", "required": true}],
    "responses": {"200": {"description": "It serves"}, "400": {"description": "It cannot be loaded, and why"}}}},
  "/v2/repository/models/{model}/unload": {"post": {"tags": ["inference"], "operationId": "repository_unload",
    "summary": "Serve a model no longer, until it is loaded again; for clients on the server's own machine",
    "parameters": [{"in": "path", "name": "model", "type": "string", "required": true}],
    "responses": {"200": {"description": "It takes no more calls"}}}},
  "/models/": {"get": {"tags": ["models (V1)"], "operationId": "v1_models",
    "summary": "Return loaded models and its information", "produces": ["application/json"],
    "responses": {"200": {"description": "The models", "schema": {"$ref": "#/definitions/Models"}}}}},
  "/swagger.json": {"get": {"tags": ["server"], "operationId": "document", "summary": "This document",
    "produces": ["application/json"], "responses": {"200": {"description": "The document"}}}},
  "/api": {"get": {"tags": ["server"], "operationId": "page", "summary": "This document as an interactive page",
    "produces": ["text/html"], "responses": {"200": {"description": "The page"}}}},
  "/api/{file}": {"get": {"tags": ["server"], "operationId": "page_file", "summary": "A file of the interactive page",
    "parameters": [{"name": "file", "in": "path", "required": true, "type": "string"}],
    "responses": {"200": {"description": "The file"}, "404": {"description": "There is no such file"}}}},
  "/ui": {"get": {"tags": ["server"], "operationId": "ui", "summary": "Leads to the interactive page",
    "responses": {"302": {"description": "To /api"}}}}
},
"definitions": {
  "Failure": {"type": "object", "required": ["message"], "properties": {
    "message": {"type": "string", "description": "What went wrong"},
    "request_id": {"type": "string", "description": "Finds the request in the server's log"}}},
  "BadArguments": {"type": "object", "description": "Per bad argument its messages",
    "additionalProperties": {"description": "A list of messages; of lists and nested arguments, an object of such"}},
  "Location": {"type": "object", "required": ["href", "rel"], "properties": {
    "rel": {"type": "string"}, "type": {"type": "string"}, "href": {"type": "string", "format": "url"}}},
  "Version": {"type": "object", "required": ["id", "version"], "properties": {
    "version": {"type": "string"}, "id": {"type": "string"}, "type": {"type": "string"},
    "links": {"type": "array", "items": {"$ref": "#/definitions/Location"}}}},
  "Versions": {"type": "object", "properties": {
    "versions": {"type": "array", "items": {"$ref": "#/definitions/Version"}},
    "links": {"type": "array", "items": {"$ref": "#/definitions/Location"}}}},
  "ModelMeta": {"type": "object", "required": ["id", "name"], "properties": {
    "id": {"type": "string", "description": "Model identifier"},
    "name": {"type": "string", "description": "Model name"},
    "description": {"type": "string", "description": "Model description"},
    "version": {"type": "string", "description": "Model version"},
    "author": {"type": "string", "description": "Model author"},
    "license": {"type": "string", "description": "Model license"},
    "url": {"type": "string", "description": "Model url"},
    "links": {"type": "array", "items": {"$ref": "#/definitions/Location"}}}},
  "Models": {"type": "object", "properties": {
    "models": {"type": "array", "items": {"$ref": "#/definitions/ModelMeta"}}}},
  "Prediction": {"type": "object", "required": ["status", "predictions"], "properties": {
    "status": {"type": "string", "description": "OK"},
    "predictions": {"description": "What the model returned"}}},
  "ProtocolError": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
  "Tensor": {"type": "object", "required": ["name", "shape", "datatype"], "properties": {
    "name": {"type": "string"}, "datatype": {"type": "string", "description": "BOOL, INT8 to FP64, BYTES"},
    "shape": {"type": "array", "items": {"type": "integer", "format": "int64"}},
    "data": {"type": "array", "description": "Row after row, flat or nested", "items": {}},
    "parameters": {"type": "object", "description": "binary_data_size instead of data, where the bytes follow the JSON"}}},
  "InferRequest": {"type": "object", "required": ["inputs"], "properties": {
    "id": {"type": "string"}, "parameters": {"type": "object", "description": "The model's arguments"},
    "inputs": {"type": "array", "items": {"$ref": "#/definitions/Tensor"}},
    "outputs": {"type": "array", "description": "Those that are wanted; all where it is absent", "items": {
      "type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"}, "parameters": {"type": "object", "description": "binary_data"}}}}}},
  "InferResponse": {"type": "object", "required": ["model_name", "outputs"], "properties": {
    "model_name": {"type": "string"}, "model_version": {"type": "string"}, "id": {"type": "string"},
    "outputs": {"type": "array", "items": {"$ref": "#/definitions/Tensor"}}}},
  "Training": {"type": "object", "required": ["date", "status", "uuid"], "properties": {
    "uuid": {"type": "string", "description": "Training identifier"},
    "date": {"type": "string", "description": "When it started (UTC)"},
    "status": {"type": "string", "enum": ["running", "done", "error", "cancelled"]},
    "args": {"type": "object"},
    "message": {"type": "string", "description": "Why it failed or was cancelled"},
    "result": {"type": "object", "properties": {
      "output": {"description": "What the model returned"},
      "finish_date": {"type": "string"}, "duration": {"type": "string"}}}}},
  "TrainingList": {"type": "array", "items": {"$ref": "#/definitions/Training"}}
}
})json";
}

std::string_view api_document_v2_model() {
  return R"json({
"/v2/models/{model}/": {"get": {"tags": ["models"], "operationId": "{model}_metadata",
  "summary": "Return model's metadata", "produces": ["application/json"],
  "responses": {"200": {"description": "The metadata", "schema": {"$ref": "#/definitions/ModelMeta"}}}}},
"/v2/models/{model}/predict/": {"post": {"tags": ["models"], "operationId": "{model}_predict",
  "summary": "Make a prediction given the input data", "produces": ["application/json"], "parameters": [],
  "responses": {
    "200": {"description": "The prediction", "schema": {"$ref": "#/definitions/Prediction"}},
    "400": {"description": "The request cannot be read", "schema": {"$ref": "#/definitions/Failure"}},
    "422": {"description": "Arguments are not valid", "schema": {"$ref": "#/definitions/BadArguments"}},
    "501": {"description": "The model does not implement this", "schema": {"$ref": "#/definitions/Failure"}},
    "default": {"description": "Any other failure", "schema": {"$ref": "#/definitions/Failure"}}}}},
"/v2/models/{model}/ready": {"get": {"tags": ["inference"], "operationId": "{model}_ready",
  "summary": "Whether it is ready", "produces": ["application/json"],
  "responses": {"200": {"description": "It is ready"}, "503": {"description": "It is not"}}}},
"/v2/models/{model}/stats": {"get": {"tags": ["inference"], "operationId": "{model}_stats",
  "summary": "How many predictions its versions made, and how long each stage took", "produces": ["application/json"],
  "responses": {"200": {"description": "Counts and nanoseconds, also by size of batch"}}}},
"/v2/models/{model}/infer": {"post": {"tags": ["inference"], "operationId": "{model}_infer",
  "summary": "Make a prediction given tensors", "consumes": ["application/json", "application/octet-stream"],
  "produces": ["application/json", "application/octet-stream"],
  "parameters": [{"name": "request", "in": "body", "required": true,
    "schema": {"$ref": "#/definitions/InferRequest"}}],
  "responses": {
    "200": {"description": "The outputs", "schema": {"$ref": "#/definitions/InferResponse"}},
    "default": {"description": "Any failure", "schema": {"$ref": "#/definitions/ProtocolError"}}}}},
"/v2/models/{model}/versions/{version}": {"get": {"tags": ["inference"], "operationId": "{model}_version_metadata",
  "summary": "Return what tensors this version takes and gives", "produces": ["application/json"],
  "parameters": [{"name": "version", "in": "path", "required": true, "type": "string"}],
  "responses": {"200": {"description": "The metadata"},
                "404": {"description": "There is no such version", "schema": {"$ref": "#/definitions/ProtocolError"}}}}},
"/v2/models/{model}/versions/{version}/ready": {"get": {"tags": ["inference"], "operationId": "{model}_version_ready",
  "summary": "Whether it is ready", "produces": ["application/json"],
  "parameters": [{"name": "version", "in": "path", "required": true, "type": "string"}],
  "responses": {"200": {"description": "It is ready"}, "503": {"description": "It is not"}}}},
"/v2/models/{model}/versions/{version}/stats": {"get": {"tags": ["inference"], "operationId": "{model}_version_stats",
  "summary": "How many predictions this version made, and how long each stage took", "produces": ["application/json"],
  "parameters": [{"name": "version", "in": "path", "required": true, "type": "string"}],
  "responses": {"200": {"description": "Counts and nanoseconds, also by size of batch"},
                "404": {"description": "There is no such version", "schema": {"$ref": "#/definitions/ProtocolError"}}}}},
"/v2/models/{model}/versions/{version}/infer": {"post": {"tags": ["inference"], "operationId": "{model}_version_infer",
  "summary": "Make a prediction given tensors", "consumes": ["application/json", "application/octet-stream"],
  "produces": ["application/json", "application/octet-stream"],
  "parameters": [{"name": "version", "in": "path", "required": true, "type": "string"},
    {"name": "request", "in": "body", "required": true,
    "schema": {"$ref": "#/definitions/InferRequest"}}],
  "responses": {
    "200": {"description": "The outputs", "schema": {"$ref": "#/definitions/InferResponse"}},
    "default": {"description": "Any failure", "schema": {"$ref": "#/definitions/ProtocolError"}}}}},
"/v2/models/{model}/train/": {
  "get": {"tags": ["models"], "operationId": "{model}_trainings",
    "summary": "Get a list of trainings (running or completed)", "produces": ["application/json"],
    "responses": {"200": {"description": "The trainings", "schema": {"$ref": "#/definitions/TrainingList"}}}},
  "post": {"tags": ["models"], "operationId": "{model}_train", "summary": "Retrain model with available data",
    "produces": ["application/json"], "parameters": [],
    "responses": {
      "200": {"description": "The training, running", "schema": {"$ref": "#/definitions/Training"}},
      "422": {"description": "Arguments are not valid", "schema": {"$ref": "#/definitions/BadArguments"}},
      "501": {"description": "The model does not implement this", "schema": {"$ref": "#/definitions/Failure"}},
      "default": {"description": "Any other failure", "schema": {"$ref": "#/definitions/Failure"}}}}},
"/v2/models/{model}/train/{uuid}": {
  "get": {"tags": ["models"], "operationId": "{model}_training", "summary": "Get status of a training",
    "produces": ["application/json"],
    "parameters": [{"name": "uuid", "in": "path", "required": true, "type": "string"}],
    "responses": {"200": {"description": "The training", "schema": {"$ref": "#/definitions/Training"}},
                  "404": {"description": "There is no such training"}}},
  "delete": {"tags": ["models"], "operationId": "{model}_cancel", "summary": "Cancel a running training",
    "produces": ["application/json"],
    "parameters": [{"name": "uuid", "in": "path", "required": true, "type": "string"}],
    "responses": {"200": {"description": "The training as it is now", "schema": {"$ref": "#/definitions/Training"}},
                  "404": {"description": "There is no such training"}}}}
})json";
}

std::string_view api_document_v1_model() {
  return R"json({
"/models/{model}": {"get": {"tags": ["models (V1)"], "operationId": "v1_{model}_metadata",
  "summary": "Return model's metadata", "produces": ["application/json"],
  "responses": {"200": {"description": "The metadata", "schema": {"$ref": "#/definitions/ModelMeta"}}}}},
"/models/{model}/predict": {"post": {"tags": ["models (V1)"], "operationId": "v1_{model}_predict",
  "summary": "Make a prediction given the input data", "produces": ["application/json"], "parameters": [],
  "responses": {
    "200": {"description": "What the model returned"},
    "400": {"description": "Arguments are not valid", "schema": {"$ref": "#/definitions/Failure"}},
    "501": {"description": "The model does not implement this", "schema": {"$ref": "#/definitions/Failure"}},
    "default": {"description": "Any other failure", "schema": {"$ref": "#/definitions/Failure"}}}}},
"/models/{model}/train": {"put": {"tags": ["models (V1)"], "operationId": "v1_{model}_train",
  "summary": "Retrain model with available data; answers when it is done", "produces": ["application/json"],
  "parameters": [],
  "responses": {
    "200": {"description": "What the model returned"},
    "400": {"description": "Arguments are not valid", "schema": {"$ref": "#/definitions/Failure"}},
    "501": {"description": "The model does not implement this", "schema": {"$ref": "#/definitions/Failure"}},
    "default": {"description": "Any other failure", "schema": {"$ref": "#/definitions/Failure"}}}}}
})json";
}

}  // namespace berth::dialects
