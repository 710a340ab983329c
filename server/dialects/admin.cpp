// SPDX-License-Identifier: Apache-2.0
#include "dialects/admin.h"

#include <array>
#include <utility>

#include "base/json.h"
#include "dialects/error_status.h"

namespace berth::dialects {
namespace {

void write_text(json::Writer& writer, std::string_view name, std::string_view value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.String(clean_text(value));
}

void write_methods(json::Writer& writer, const hosting::Model* model) {
  const auto description = model ? model->description() : nullptr;
  writer.Key("methods");
  writer.StartArray();
  if (description) {
    const std::array<std::pair<bool, const char*>, 4> methods{{{description->has_predict_data, "predict_data"},
                                                               {description->has_predict_url, "predict_url"},
                                                               {description->has_predict_batch, "predict_batch"},
                                                               {description->has_train, "train"}}};
    for (const auto& [present, name] : methods) {
      if (present) writer.String(name);
    }
  }
  writer.EndArray();
}

void write_workers(json::Writer& writer, const std::vector<hosting::WorkerStatus>& workers) {
  writer.Key("workers");
  writer.StartArray();
  for (const auto& worker : workers) {
    writer.StartObject();
    writer.Key("pid");
    writer.Int(worker.pid);
    write_text(writer, "state", worker.state);
    writer.Key("calls");
    writer.Uint64(worker.calls);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string listings_text(const std::vector<hosting::Listing>& listings) {
  json::Buffer buffer;
  json::Writer writer(buffer);
  writer.StartArray();
  for (const auto& listing : listings) {
    writer.StartObject();
    write_text(writer, "name", listing.name);
    write_text(writer, "version", listing.version);
    write_text(writer, "plugin", listing.plugin);
    write_text(writer, "state", to_string(listing.status.state));
    write_text(writer, "reason", listing.status.reason);
    writer.Key("active");
    writer.Bool(listing.active);
    writer.Key("labels");
    writer.StartObject();
    for (const auto& [label, permille] : listing.labels) {
      writer.Key(label.c_str());
      writer.Double(permille / 10.0);
    }
    writer.EndObject();
    write_methods(writer, listing.model.get());
    writer.Key("queued");
    writer.Uint64(listing.status.queued);
    writer.Key("restarts");
    writer.Uint64(listing.status.restarts);
    write_workers(writer, listing.status.workers);
    writer.EndObject();
  }
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

void add_admin(http::Router& router, core::Service& service) {
  router.add({"GET", "/v2/berth/models", http::Access::watch,
              [&service](http::Request&&, const http::PathParams&, http::Reply&& reply) {
                reply.send(http::Response::json(200, listings_text(service.listings())));
              }});
}

}  // namespace berth::dialects
