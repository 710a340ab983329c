// SPDX-License-Identifier: Apache-2.0
// Takes its process with it when it is made.
#include <berth/berth.h>

#include <cstdlib>

class DiesOnCreate : public berth::BaseModel {
 public:
  DiesOnCreate() { std::abort(); }
  berth::Metadata get_metadata() const override { return {.name = "dies_on_create"}; }
};
BERTH_EXPORT_MODEL(DiesOnCreate)
