// SPDX-License-Identifier: Apache-2.0
// Declares an argument by a name that is not allowed.
#include <berth/berth.h>

class BadArgs : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override { return {.name = "bad_args"}; }
  berth::ArgSpecs get_test_args() const override { return {berth::Arg("files")}; }
  berth::Response predict_data(const berth::Args&) override { return berth::Json("never"); }
};
BERTH_EXPORT_MODEL(BadArgs)
