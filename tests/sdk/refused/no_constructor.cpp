// SPDX-License-Identifier: Apache-2.0
// Must not compile: the host does not know how to make it.
#include <berth/berth.h>
class Model : public berth::BaseModel {
 public:
  explicit Model(int) {}
  berth::Metadata get_metadata() const override { return {}; }
};
BERTH_EXPORT_MODEL(Model)
