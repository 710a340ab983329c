// SPDX-License-Identifier: Apache-2.0
// Must not compile: no model may be called that.
#include <berth/berth.h>
class Model : public berth::BaseModel {
 public:
  static constexpr const char* kName = "My Model";
  berth::Metadata get_metadata() const override { return {}; }
};
BERTH_EXPORT_MODEL(Model)
