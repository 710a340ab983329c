// SPDX-License-Identifier: Apache-2.0
// Must not compile: takes Args by value, which hides predict_data instead of overriding it.
#include <berth/berth.h>
class Model : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {}; }
  berth::Response predict_data(berth::Args args) { return args.json(); }
};
BERTH_EXPORT_MODEL(Model)
