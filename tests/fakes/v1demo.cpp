// SPDX-License-Identifier: Apache-2.0
// The model that DEEPaaS V1's behaviour was recorded with.
#include <berth/berth.h>

class V1Demo : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "v1 probe", .version = "0.1", .description = "d", .author = "a"};
  }

  berth::ArgSpecs get_test_args() const override {
    using berth::Arg;
    return {Arg("thr").help("threshold").default_value("0.5"), Arg("must").help("needed").required(),
            Arg("n").integer().help("an int").default_value(3), Arg("pick").help("a or b").choices({"a", "b"})};
  }
  berth::ArgSpecs get_train_args() const override {
    return {berth::Arg("lr").help("rate").default_value("0.1"), berth::Arg("epochs").help("n").required()};
  }

  berth::Response predict_data(const berth::Args& args) override {
    const std::string threshold = args.text("thr");
    if (threshold == "boom") throw std::runtime_error("boom");
    if (threshold == "str") return berth::Json("plain string");
    const auto& files = args.files();
    const berth::File& file = files.at(0);
    if (threshold == "file") return berth::Response::borrowed_file("image/jpeg", file.bytes());

    std::string list;
    for (const berth::File& each : files) {
      if (!list.empty()) list += ", ";
      list += "<FileStorage: '" + std::string(each.name()) + "' ('" + std::string(each.content_type()) + "')>";
    }
    const berth::Json prediction = {{"label", "x"}, {"probability", 0.5}};
    return berth::Json{{"status", "ok"},
                       {"predictions", berth::Json::array({prediction})},
                       {"seen", seen(args, "[" + list + "]", nullptr)},
                       {"nfiles", files.size()},
                       {"bytes", file.size()},
                       {"fn", file.name()},
                       {"ct", file.content_type()}};
  }

  berth::Response predict_url(const berth::Args& args) override {
    std::string list;
    for (const std::string& url : args.urls()) list += (list.empty() ? "'" : ", '") + url + "'";
    return berth::Json{{"status", "ok"}, {"seen", seen(args, nullptr, "[" + list + "]")}, {"urls", args.urls()}};
  }

  berth::Response train(const berth::Args& args) override {
    return berth::Json{{"seen", {{"lr", args.text("lr")}, {"epochs", args.text("epochs")}}}};
  }

 private:
  // Absent arguments were null in V1.
  static berth::Json seen(const berth::Args& args, berth::Json files, berth::Json urls) {
    berth::Json seen{{"files", std::move(files)}, {"urls", std::move(urls)}};
    for (const char* name : {"thr", "must", "n", "pick"}) {
      seen[name] = args.has(name) ? args.value(name) : berth::Json(nullptr);
    }
    return seen;
  }
};
BERTH_EXPORT_MODEL(V1Demo)
