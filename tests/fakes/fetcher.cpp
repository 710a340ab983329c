// SPDX-License-Identifier: Apache-2.0
// Fetches URLs through the host and tells what came.
#include <berth/berth.h>

class Fetcher : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "fetcher", .version = "1.0"}; }
  berth::Response predict_url(const berth::Args& args) override {
    berth::Json fetched = berth::Json::array();
    for (const std::string& url : args.urls()) {
      const berth::File file = host().fetch(url);
      fetched.push_back({{"bytes", file.size()}, {"content_type", file.content_type()}, {"name", file.name()}});
    }
    return fetched;
  }
};
BERTH_EXPORT_MODEL(Fetcher)
