// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin_crashes.h"

#include <string>
#include <utility>

#include "base/json.h"

namespace berth::dialects {
namespace {

std::string list_text(const hosting::CrashStore& store) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  const auto text = [&writer](const char* key, const std::string& value) {
    writer.Key(key);
    writer.String(value);
  };
  writer.StartArray();
  for (const auto& entry : store.list()) {
    writer.StartObject();
    text("id", entry.id);
    text("time", entry.time);
    text("model", entry.model);
    text("version", entry.version);
    text("summary", entry.summary);
    writer.EndObject();
  }
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

void add_admin_crashes(http::Router& router, std::shared_ptr<const hosting::CrashReporter> crashes) {
  router.add({"GET", "/v2/berth/crashes", http::Access::admin,
              [crashes](http::Request&&, const http::PathParams&, http::Reply&& reply) {
                reply.send(http::Response::json(200, list_text(crashes->store())));
              }});
  // A report is a small file that was just written: it is read here, on the I/O thread.
  router.add({"GET", "/v2/berth/crashes/{id}", http::Access::admin,
              [crashes = std::move(crashes)](http::Request&&, const http::PathParams& params, http::Reply&& reply) {
                const auto report = crashes->store().get(params["id"]);
                if (report) return reply.send(http::Response::json(200, *report));
                reply.send(http::Response::json(404, "{\"message\":" + json::quote(report.error().message) + "}"));
              }});
}

}  // namespace berth::dialects
