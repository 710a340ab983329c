// SPDX-License-Identifier: Apache-2.0
// A model of free functions, no class; in a namespace, and one of them takes the host.
#include <berth/berth.h>

namespace lengths {

berth::Metadata get_metadata() {
  return {.name = "functions", .version = "1.0", .description = "Counts characters", .takes_files = false};
}
berth::ArgSpecs get_test_args() { return {berth::Arg("text").default_value("")}; }
berth::Response predict_data(const berth::Args& args, const berth::Host& host) {
  host.count("texts");
  return berth::Json{{"length", args.text("text").size()}};
}

}  // namespace lengths

BERTH_EXPORT_FUNCTIONS(functions, lengths::get_metadata, lengths::get_test_args, lengths::predict_data)
