// SPDX-License-Identifier: Apache-2.0
// The parts of the API of deployments, each with its routes; for deployments.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/service.h"
#include "dialects/deployment_book.h"
#include "dialects/detail_reply.h"
#include "dialects/http_types.h"
#include "dialects/request_fields.h"
#include "identity/gate.h"

namespace berth::dialects::deployments {

// What the handlers need; copied into each.
struct Context {
  core::Service& service;
  identity::Gate& gate;
  std::shared_ptr<const DeploymentBook> book;
  BodyLimits limits;
};

// A token of one deployment for a key, which stands in the header and in the body.
void add_login(http::Router& router, const Context& context);

// What a client may say of a prediction besides, in bytes.
inline constexpr std::size_t kMaxSourceBytes = 1024;
inline constexpr std::size_t kMaxTags = 64;
inline constexpr std::size_t kMaxTagBytes = 256;

// Whether these can be put on record: UTF-8 without NUL, within the bounds. What cannot, `errors` names. [any]
void check_note(const std::string& source, const std::vector<std::string>& tags, BodyErrors& errors);

// What a record says of a call to that deployment.
core::RecordNote note_of(const Request& request, const std::string& id, std::string source,
                         std::vector<std::string> tags);

// POST …/predictions: keeps what a model elsewhere predicted.
void keep(const Context& context, const Request& request, const std::string& id, Reply&& reply);

}  // namespace berth::dialects::deployments
