// SPDX-License-Identifier: Apache-2.0
// Cannot be made, and says why.
#include <berth/berth.h>

class FailsOnCreate : public berth::BaseModel {
 public:
  FailsOnCreate() { throw berth::Error(503, "the weights are missing"); }
  berth::Metadata get_metadata() const override { return {.name = "fails_on_create"}; }
};
BERTH_EXPORT_MODEL(FailsOnCreate)
