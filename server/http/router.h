// SPDX-License-Identifier: Apache-2.0
// Router: finds the handler of a request by its path and method, and answers 404 and 405 itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/access.h"
#include "http/request.h"
#include "http/response.h"

namespace berth::http {

// What a route's `{name}` segments matched, percent-decoded.
class PathParams {
 public:
  void add(std::string_view name, std::string_view value) { values_.emplace_back(name, value); }
  // The value of a segment that the route names; "" for any other name.
  std::string_view operator[](std::string_view name) const;

 private:
  Pairs values_;
};

// Runs on an I/O thread and must not block; whoever needs to wait moves the reply elsewhere. An exception that leaves
// it is answered 500 and logged with the request's id. [io]
using Handler = std::function<void(Request&&, const PathParams&, Reply&&)>;

// Says whether somebody may use a route, and notes in the request who it is. It may put something between the reply and
// where it delivers. Must not block. [io]
using Guard = std::function<Result<>(Request&, const PathParams&, Access, Reply&)>;

// One line of a route table.
struct Route {
  std::string method;   // "GET" serves HEAD too
  std::string pattern;  // "/v2/models/{model}/predict": literal and {name} segments. A trailing slash never matters.
  Access access;
  Handler handler;
  Guard guard = {};  // asked instead of the router's, where the route has one of its own
};

// How a group of paths says that there is no such path or method. `allow` is "GET, POST".
struct RoutingErrors {
  std::function<Response()> not_found;
  std::function<Response(std::string_view allow)> method_not_allowed;  // the Allow header is added by the router
  // Whether what a path's {name} segments name is there, asked before 405; optional. False: not_found.
  std::function<bool(const PathParams&)> exists = {};
  // A handler threw; optional. What it threw is in the log and not for the client.
  std::function<Response(std::string_view request_id)> internal = {};
  // The guard said no; optional.
  std::function<Response(const Error&, std::string_view request_id)> refused = {};
};

// Built once, then only read: dispatch may be called from any thread.
class Router {
 public:
  // `base_path` ("" or "/x/y") stands before every pattern and is not part of it. Without a guard only open routes can
  // be used; others answer 500.
  explicit Router(std::string base_path = "", Guard guard = {});
  ~Router();
  Router(Router&&) noexcept;

  // Adds a route. A literal segment wins over {name}. Repeated slashes match nothing. The same method and pattern twice
  // is a programming error (throws std::logic_error).
  void add(Route route);
  // Errors for paths at or below `prefix` ("/models", "/models/{model}/x"; without the base path), the longest text
  // wins; without one: text/plain "404: Not Found".
  void set_errors(std::string prefix, RoutingErrors errors);

  // Calls the handler, or answers 404, or 405 with Allow (to OPTIONS too). Never throws.
  void dispatch(Request&& request, Reply&& reply) const;

  // Every route, in the order added, with its full pattern and without its handler; for tests that must cover all.
  std::vector<Route> table() const;

 private:
  struct Tree;
  std::unique_ptr<Tree> tree_;
};

}  // namespace berth::http
