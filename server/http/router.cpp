// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/log.h"

namespace berth::http {
namespace {

struct Endpoint {
  std::string method;
  std::string pattern;  // as in the table, for the log
  std::vector<std::string> names;
  Access access;
  Handler handler;
  Guard guard;
};

// One segment of the patterns. A path is decided by its segments first and by its method second: a literal hides a
// {name} beside it even where only the latter knows the method.
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> any;
  std::vector<Endpoint> endpoints;
};

bool is_placeholder(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// Takes the first segment and the slash before it off `path`.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(std::min<std::size_t>(1, path.size()));
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// Whether the path is that of the pattern, or one below it.
bool is_at_or_below(std::string_view path, std::string_view pattern) {
  while (!pattern.empty()) {
    const auto wanted = take_segment(pattern);
    const auto segment = take_segment(path);
    if (is_placeholder(wanted) ? segment.empty() : segment != wanted) return false;
  }
  return true;
}

struct ErrorGroup {
  std::string prefix;
  RoutingErrors errors;
};

// "/a/b/" → "a/b". One slash at the end is forgiven, others are empty segments, which match nothing.
std::string_view without_outer_slashes(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Recursion ends with the tree, however long the path is.
const Node* match(const Node& node, std::string_view rest, std::vector<std::string_view>& values) {
  const auto end = std::min(rest.find('/'), rest.size());
  const auto segment = rest.substr(0, end);
  if (segment.empty()) return nullptr;
  const bool last = end == rest.size();
  const auto descend = [&](const Node& child) -> const Node* {
    if (!last) return match(child, rest.substr(end + 1), values);
    return child.endpoints.empty() ? nullptr : &child;
  };
  if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
    if (const auto* found = descend(*literal->second)) return found;
  }
  if (!node.any) return nullptr;
  values.push_back(segment);
  const auto* found = descend(*node.any);
  if (!found) values.pop_back();
  return found;
}

const Endpoint* find_method(const Node& node, std::string_view method) {
  const auto found = std::ranges::find(node.endpoints, method, &Endpoint::method);
  if (found != node.endpoints.end()) return &*found;
  return method == "HEAD" ? find_method(node, "GET") : nullptr;
}

std::string allowed_methods(const Node& node) {
  std::set<std::string> methods;
  for (const auto& endpoint : node.endpoints) {
    methods.insert(endpoint.method);
    if (endpoint.method == "GET") methods.insert("HEAD");
  }
  std::string text;
  for (const auto& method : methods) text += (text.empty() ? "" : ", ") + method;
  return text;
}

Response default_internal() { return Response::text(500, "500: Internal Server Error"); }

Response default_refused(const Error& error) {
  switch (error.code) {
    case Code::unauthenticated: return Response::text(401, "401: Unauthorized");
    case Code::forbidden: return Response::text(403, "403: Forbidden");
    default: return default_internal();
  }
}

}  // namespace

struct Router::Tree {
  std::string base_path;
  Node root;
  std::vector<ErrorGroup> groups;  // longest prefix first
  std::vector<Route> table;
  Guard guard;

  // The part of a path that patterns describe; nullopt outside the base path.
  std::optional<std::string_view> inside(std::string_view path) const {
    if (!path.starts_with('/') || !path.starts_with(base_path)) return std::nullopt;
    path.remove_prefix(base_path.size());
    if (!path.empty() && !path.starts_with('/')) return std::nullopt;
    return path;
  }

  const RoutingErrors* errors_for(std::string_view path) const {
    const auto relative = inside(path);
    if (!relative) return nullptr;
    for (const auto& [prefix, errors] : groups) {
      if (is_at_or_below(*relative, prefix)) return &errors;
    }
    return nullptr;
  }

  const Node* find(std::string_view path, std::vector<std::string_view>& values) const {
    const auto relative = inside(path);
    if (!relative) return nullptr;
    const auto rest = without_outer_slashes(*relative);
    if (rest.empty()) return root.endpoints.empty() ? nullptr : &root;
    return match(root, rest, values);
  }

  static PathParams params_of(const Endpoint& endpoint, const std::vector<std::string_view>& values) {
    PathParams params;
    for (std::size_t i = 0; i < values.size(); ++i) params.add(endpoint.names[i], values[i]);
    return params;
  }

  Response not_found(std::string_view path) const {
    const auto* errors = errors_for(path);
    return errors && errors->not_found ? errors->not_found() : Response::text(404, "404: Not Found");
  }

  Response method_not_allowed(std::string_view path, const Node& node,
                              const std::vector<std::string_view>& values) const {
    const auto* errors = errors_for(path);
    if (errors && errors->exists && !errors->exists(params_of(node.endpoints.front(), values))) return not_found(path);
    const auto allow = allowed_methods(node);
    auto response = errors && errors->method_not_allowed ? errors->method_not_allowed(allow)
                                                         : Response::text(405, "405: Method Not Allowed");
    response.headers.emplace_back("Allow", allow);
    return response;
  }

  Response refused(const Request& request, const Error& error) const {
    const auto* errors = errors_for(request.path);
    return errors && errors->refused ? errors->refused(error, request.id) : default_refused(error);
  }

  void route(Request&& request, Reply&& reply, const Endpoint*& chosen) const {
    std::vector<std::string_view> values;
    const auto* node = find(request.path, values);
    if (!node) return reply.send(not_found(request.path));
    chosen = find_method(*node, request.method);
    if (!chosen) return reply.send(method_not_allowed(request.path, *node, values));
    const auto params = params_of(*chosen, values);
    const auto& asked = chosen->guard ? chosen->guard : guard;
    if (chosen->access != Access::open || asked) {
      const auto may = asked ? asked(request, params, chosen->access, reply)
                             : Result<>(failure(Code::internal, "nobody guards this route"));
      if (!may) return reply.send(refused(request, may.error()));
    }
    chosen->handler(std::move(request), params, std::move(reply));
  }
};

std::string_view PathParams::operator[](std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return {};
}

Router::Router(std::string base_path, Guard guard) : tree_(std::make_unique<Tree>()) {
  while (base_path.ends_with('/')) base_path.pop_back();
  if (!base_path.empty() && !base_path.starts_with('/')) base_path.insert(0, 1, '/');
  tree_->base_path = std::move(base_path);
  tree_->guard = std::move(guard);
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

void Router::add(Route route) {
  if (!route.pattern.starts_with('/')) throw std::logic_error("a pattern begins with '/': " + route.pattern);
  const auto full_pattern = tree_->base_path + route.pattern;
  Node* node = &tree_->root;
  std::vector<std::string> names;
  for (auto rest = without_outer_slashes(route.pattern); !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, end);
    const bool is_name = is_placeholder(segment);
    if (segment.empty() || (!is_name && segment.find_first_of("{}") != segment.npos)) {
      throw std::logic_error("a segment is a literal or {name}: " + route.pattern);
    }
    auto& child = is_name ? node->any : node->literals[std::string(segment)];
    if (!child) child = std::make_unique<Node>();
    if (is_name) names.emplace_back(segment.substr(1, segment.size() - 2));
    node = child.get();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (std::ranges::find(node->endpoints, route.method, &Endpoint::method) != node->endpoints.end()) {
    throw std::logic_error("a route was added twice: " + route.method + " " + full_pattern);
  }
  tree_->table.push_back({route.method, full_pattern, route.access, {}});
  node->endpoints.push_back({std::move(route.method), full_pattern, std::move(names), route.access,
                             std::move(route.handler), std::move(route.guard)});
}

void Router::set_errors(std::string prefix, RoutingErrors errors) {
  while (prefix.ends_with('/')) prefix.pop_back();
  auto& groups = tree_->groups;
  std::erase_if(groups, [&](const ErrorGroup& group) { return group.prefix == prefix; });
  const auto shorter = [&](const ErrorGroup& group) { return group.prefix.size() < prefix.size(); };
  const auto position = std::ranges::find_if(groups, shorter);
  groups.insert(position, {std::move(prefix), std::move(errors)});
}

void Router::dispatch(Request&& request, Reply&& reply) const {
  const Endpoint* chosen = nullptr;
  const std::string id = request.id;  // the handler takes the request
  const std::string path = request.path;
  const auto fail = [&](std::string_view what) {
    try {
      const auto where = chosen ? chosen->method + " " + chosen->pattern : std::string("routing");
      log::error(where + " threw " + std::string(what), {.request_id = id, .component = "http"});
      const auto* errors = tree_->errors_for(path);
      if (reply) reply.send(errors && errors->internal ? errors->internal(id) : default_internal());
    } catch (...) {  // the reply answers 500 by itself when it is destroyed
    }
  };
  try {
    tree_->route(std::move(request), std::move(reply), chosen);
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("something that is no std::exception");
  }
}

std::vector<Route> Router::table() const { return tree_->table; }

}  // namespace berth::http
