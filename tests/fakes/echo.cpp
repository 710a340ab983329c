// SPDX-License-Identifier: Apache-2.0
// Returns its input as cheaply as the SDK can: the arguments' JSON unread, a file without a copy.
#include <berth/berth.h>

class Echo : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "echo", .version = "1.0", .description = "Returns what it gets"};
  }
  berth::ArgSpecs get_test_args() const override {
    return {berth::Arg("data").file().help("comes back as it is"), berth::Arg("text"), berth::Arg("value").dict()};
  }
  berth::Response predict_data(const berth::Args& args) override {
    if (!args.tensors().empty()) return berth::Response::tensors(args.tensors());
    if (args.files().empty()) return berth::Response::json_text(std::string(args.json_text()));
    const berth::File& file = args.files().front();
    std::string type(file.content_type().empty() ? "application/octet-stream" : file.content_type());
    return berth::Response::borrowed_file(std::move(type), file.bytes(), std::string(file.name()));
  }
};
BERTH_EXPORT_MODEL(Echo)
