// SPDX-License-Identifier: Apache-2.0
// The model that DEEPaaS V2's behaviour was recorded with: every argument type, every kind of answer and failure.
#include <berth/berth.h>

#include <chrono>
#include <limits>
#include <thread>

namespace {

// Values as the recorded model printed them: Python's repr of dates, times and UUIDs.
std::string number_list(std::string_view digits) {
  std::string list;
  for (std::size_t i = 0; i < digits.size();) {
    std::size_t end = digits.find_first_not_of("0123456789", i);
    if (end == std::string_view::npos) end = digits.size();
    if (!list.empty()) list += ", ";
    list += std::to_string(std::stoi(std::string(digits.substr(i, end - i))));
    i = end + 1;
  }
  return list;
}

berth::Json shown(const std::string& name, const berth::Json& value) {
  if (value.is_null()) return value;
  if (name == "date") return "datetime.date(" + number_list(value.get<std::string>()) + ")";
  if (name == "dt") return "datetime.datetime(" + number_list(value.get<std::string>()) + ")";
  if (name == "u") return "UUID('" + value.get<std::string>() + "')";
  return value;
}

}  // namespace

class Probe : public berth::BaseModel {
 public:
  berth::Metadata get_metadata() const override {
    return {.name = "Probe", .description = "probe", .author = "x", .extra = {{"custom", {1, 2}}}};
  }

  berth::ArgSpecs get_test_args() const override {
    using berth::Arg;
    using berth::ArgType;
    return {
        Arg("mode")
            .help("what to do")
            .choices({"echo", "boom", "http400", "notimpl", "bytes", "nan", "none", "obj"})
            .default_value("echo"),
        Arg("i").integer().help("an int").range(0, 10),
        Arg("istrict").integer().strict(),
        Arg("f").number(),
        Arg("b").boolean(),
        Arg("s").max_length(5).default_value("dflt"),
        Arg("choice").choices({"foo", "bar"}),
        Arg("li").list(ArgType::integer),
        Arg("dl").list(ArgType::integer).delimited(),
        Arg("d").dict(),
        Arg("n").nested({Arg("b"), Arg("a").integer().required()}),
        Arg("date").date(),
        Arg("dt").datetime(),
        Arg("url").url(),
        Arg("u").uuid(),
        Arg("email").email(),
        Arg("nullable").nullable(),
        Arg("keyed").key("key-ed"),
        Arg("qonly").source(berth::ArgSource::query),
        Arg("hdr").key("X-Thing").source(berth::ArgSource::header),
        Arg("data").file().help("file"),
        Arg("accept").help("media").choices({"application/json", "image/png", "text/plain"}),
    };
  }

  berth::ArgSpecs get_train_args() const override {
    using berth::Arg;
    return {Arg("sleep").number().help("secs").required(), Arg("fail").boolean().default_value(false), Arg("name"),
            Arg("when").date(), Arg("file").file()};
  }

  berth::Response predict_data(const berth::Args& args) override {
    const std::string accept = args.text("accept", "application/json");
    if (accept == "image/png") return berth::Response::file("image/png", "\x89PNGfake");
    if (accept == "text/plain") return berth::Response::file("text/plain", "plain text");
    const std::string mode = args.text("mode", "echo");
    if (mode == "boom") throw std::runtime_error("boom");
    if (mode == "http400") throw berth::Error(400, "bad thing");
    if (mode == "notimpl") throw std::logic_error("not implemented");
    if (mode == "bytes" || mode == "obj") throw std::invalid_argument("the result is not JSON serializable");
    if (mode == "nan") return berth::Json(std::numeric_limits<double>::quiet_NaN());
    if (mode == "none") return berth::Json(nullptr);
    return echo(args);
  }

  berth::Response train(const berth::Args& args) override {
    using Clock = std::chrono::steady_clock;
    const std::chrono::duration<double> total(args.number("sleep"));
    const auto begin = Clock::now();
    for (auto spent = Clock::now() - begin; spent < total; spent = Clock::now() - begin) {
      if (host().stop_requested()) return berth::Json{{"stopped", true}};
      host().progress(std::chrono::duration<double>(spent) / total, {{"name", args.text("name", "")}});
      std::this_thread::sleep_for(
          std::min<std::chrono::duration<double>>(total - spent, std::chrono::milliseconds(10)));
    }
    if (args.boolean("fail", false)) throw std::runtime_error("training failed as it was told to");
    berth::Json result{{"name", args.has("name") ? berth::Json(args.text("name")) : berth::Json()}};
    if (!args.files().empty()) result["file_bytes"] = args.files().front().size();
    host().progress(1);
    return result;
  }

 private:
  static berth::Json echo(const berth::Args& args) {
    berth::Json seen = berth::Json::object();
    for (const auto& [name, value] : args.json().items()) seen[name] = shown(name, value);
    if (!args.files().empty()) {
      const berth::File& file = args.files().front();
      seen["data"] = {file.field(), "<tmp>/upload", file.content_type(), file.name()};
    }
    return seen;
  }
};
BERTH_EXPORT_MODEL(Probe)
