// SPDX-License-Identifier: Apache-2.0
#include "dialects/recorded_models.h"

#include "base/json.h"

namespace berth::test {
namespace {

using hosting::Call;
using hosting::Description;
using hosting::file_output;
using hosting::json_output;
using hosting::Output;

constexpr auto kProbeArgs = R"([
  {"name":"mode","default":"echo","choices":["echo","boom","http400","notimpl","bytes","nan","none","obj"],
   "help":"what to do"},
  {"name":"i","type":"int","min":0,"max":10,"help":"an int"}, {"name":"istrict","type":"int","strict":true},
  {"name":"f","type":"float"}, {"name":"b","type":"bool"}, {"name":"s","default":"dflt","max_length":5},
  {"name":"choice","choices":["foo","bar"]}, {"name":"li","type":"list","items":{"type":"int"}},
  {"name":"dl","type":"list","delimited":true,"items":{"type":"int"}}, {"name":"d","type":"dict"},
  {"name":"n","type":"nested","fields":[{"name":"b"},{"name":"a","type":"int","required":true}]},
  {"name":"date","type":"date"}, {"name":"dt","type":"datetime"}, {"name":"url","type":"url"},
  {"name":"u","type":"uuid"}, {"name":"email","type":"email"}, {"name":"nullable","nullable":true},
  {"name":"keyed","key":"key-ed"}, {"name":"qonly","source":"query"},
  {"name":"hdr","key":"X-Thing","source":"header"}, {"name":"data","type":"file","help":"file"},
  {"name":"accept","choices":["application/json","image/png","text/plain"],"help":"media"}])";
constexpr auto kProbeTrainArgs = R"([
  {"name":"sleep","type":"float","required":true,"help":"secs"}, {"name":"fail","type":"bool","default":false},
  {"name":"name"}, {"name":"when","type":"date"}, {"name":"file","type":"file"}])";

// Digits of "2020-01-02T03:04:05" as Python's repr has them: "2020, 1, 2, 3, 4, 5".
std::string numbers_of(std::string_view text) {
  std::string list;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
    if (!list.empty()) list += ", ";
    list += std::to_string(std::stoi(std::string(text.substr(at, end - at))));
    at = end + 1;
  }
  return list;
}

// The arguments as the recorded model printed them.
std::string probe_echo(const Call& call) {
  auto seen = json::parse(call.args_json).value();
  auto& allocator = seen.GetAllocator();
  const auto show = [&](const char* name, const std::string& before, bool as_numbers, const std::string& after) {
    if (!seen.HasMember(name)) return;
    const std::string text(json::view(seen[name]));
    seen[name] = json::string(before + (as_numbers ? numbers_of(text) : text) + after, allocator);
  };
  show("date", "datetime.date(", true, ")");
  show("dt", "datetime.datetime(", true, ")");
  show("u", "UUID('", false, "')");
  if (!call.files.empty()) {
    const auto& file = call.files.front();
    json::Value data(rapidjson::kArrayType);
    for (const auto& text : {file.field, std::string("<tmp>/x"), file.content_type, file.file_name}) {
      data.PushBack(json::string(text, allocator), allocator);
    }
    seen.AddMember("data", data, allocator);
  }
  return json::to_text(seen);
}

Result<Output> probe_answer(const Call& call) {
  const auto args = json::parse(call.args_json).value();
  const std::string accept(json::view(args["accept"]));
  if (accept == "text/plain") return hosting::text_output("plain text");
  if (accept == "image/png") return file_output("image/png", "\x89PNGfake");
  const std::string mode(json::view(args["mode"]));
  if (mode == "http400") return failure(Error{.message = "bad thing", .model_status = 400});
  if (mode == "nan") return json_output("NaN");
  if (mode == "none") return json_output("null");
  if (mode != "echo") return failure(Code::internal, mode);
  return json_output(probe_echo(call));
}

constexpr auto kTestArgs = R"([
  {"name":"data","type":"file","required":true,"help":"Data file to perform inference."},
  {"name":"parameter","type":"int","required":true,"help":"This is a parameter for prediction"},
  {"name":"parameter_three","choices":["foo","bar"],
   "help":"This is a parameter that forces its value to be one of the choices declared in 'enum'"},
  {"name":"accept","source":"header","choices":["application/json","text/plain","image/png"],
   "help":"Media type(s) that is/are acceptable for the response."}])";
constexpr auto kTestSchema = R"({"type":"object","properties":{"data":{"type":"string"},"date":{"type":"string"},
  "labels":{"type":"array","items":{"type":"object","properties":{"label":{"type":"string"},
  "probability":{"type":"number"}}}}}})";

Result<Output> test_answer(const Call& call) {
  const auto args = json::parse(call.args_json).value();
  const std::string accept(json::view(args["accept"]));
  const std::string image = "data:image/png;base64,iVBORw0KGgo=";
  if (accept == "text/plain") return hosting::text_output(image);
  if (accept == "image/png") return file_output("image/png", "\x89PNG");
  return json_output(R"({"date":"2019-01-1","labels":[{"label":"foo","probability":1.0}],"data":")" + image + "\"}");
}

constexpr auto kV1Args = R"([
  {"name":"thr","help":"threshold","default":"0.5"}, {"name":"must","help":"needed","required":true},
  {"name":"n","type":"int","help":"an int","default":3}, {"name":"pick","help":"a or b","choices":["a","b"]}])";
constexpr auto kV1TrainArgs =
    R"([{"name":"lr","help":"rate","default":"0.1"},{"name":"epochs","help":"n","required":true}])";

json::Value v1_seen(const Call& call, const std::string& files, const std::string& urls,
                    json::Document::AllocatorType& allocator) {
  const auto args = json::parse(call.args_json).value();
  json::Value seen(rapidjson::kObjectType);
  const auto text_or_null = [&](const std::string& text) {
    return text.empty() ? json::Value() : json::string("[" + text + "]", allocator);
  };
  seen.AddMember("files", text_or_null(files), allocator).AddMember("urls", text_or_null(urls), allocator);
  for (const char* name : {"thr", "must", "n", "pick"}) {
    const auto* value = json::find(args, name);
    seen.AddMember(json::string(name, allocator), value ? json::Value(*value, allocator) : json::Value(), allocator);
  }
  return seen;
}

Result<Output> v1_answer(const Call& call) {
  const auto args = json::parse(call.args_json).value();
  const std::string threshold(json::view(args["thr"]));
  if (threshold == "boom") return failure(Code::internal, "boom");
  if (threshold == "str") return json_output("\"plain string\"");
  if (threshold == "file") return file_output("image/jpeg", std::string(call.files.at(0).bytes.view()));
  json::Document answer(rapidjson::kObjectType);
  auto& allocator = answer.GetAllocator();
  answer.AddMember("status", "ok", allocator);
  if (call.method == hosting::Method::predict_url) {
    std::string list;
    json::Value urls(rapidjson::kArrayType);
    for (const auto& url : call.urls) {
      if (!list.empty()) list += ", ";
      list.append("'").append(url).append("'");
      urls.PushBack(json::string(url, allocator), allocator);
    }
    answer.AddMember("seen", v1_seen(call, "", list, allocator), allocator).AddMember("urls", urls, allocator);
    return json_output(json::to_text(answer));
  }
  const auto& file = call.files.at(0);
  const auto shown = "<FileStorage: '" + file.file_name + "' ('" + file.content_type + "')>";
  auto predictions = json::parse(R"([{"label":"x","probability":0.5}])").value();
  answer.AddMember("predictions", json::Value(predictions, allocator), allocator)
      .AddMember("seen", v1_seen(call, shown, "", allocator), allocator)
      .AddMember("nfiles", json::Value(static_cast<std::uint64_t>(call.files.size())), allocator)
      .AddMember("bytes", json::Value(static_cast<std::uint64_t>(file.bytes.size())), allocator)
      .AddMember("fn", json::string(file.file_name, allocator), allocator)
      .AddMember("ct", json::string(file.content_type, allocator), allocator);
  return json_output(json::to_text(answer));
}

hosting::ModelPtr make(std::string name, Description description, Result<Output> (*answer)(const Call&)) {
  return std::make_shared<hosting::FakeModel>(std::move(name), std::move(description),
                                              [answer](const Call& call, const hosting::OnOutcome& on_outcome) {
                                                on_outcome({answer(call), {}, "1"});
                                              });
}

}  // namespace

hosting::ModelPtr probe_model() {
  Description description;
  description.metadata_json = R"({"name":"Probe","description":"probe","author":"x","custom":[1,2]})";
  description.test_args_json = kProbeArgs;
  description.train_args_json = kProbeTrainArgs;
  description.has_predict_data = description.has_train = true;
  return make("probe", std::move(description), probe_answer);
}

hosting::ModelPtr deepaas_test_model() {
  Description description;
  description.metadata_json = R"({"name":"deepaas-test","description":"a test model"})";
  description.test_args_json = kTestArgs;
  description.train_args_json = R"([{"name":"sleep","type":"int","required":true},{"name":"parameter_two"}])";
  description.response_schema_json = kTestSchema;
  description.has_predict_data = description.has_train = true;
  return make("deepaas-test", std::move(description), test_answer);
}

hosting::ModelPtr v1_demo_model() {
  Description description;
  description.metadata_json = R"({"name":"v1 probe","description":"d","author":"a","version":"0.1"})";
  description.test_args_json = kV1Args;
  description.train_args_json = kV1TrainArgs;
  description.has_predict_data = description.has_predict_url = description.has_train = true;
  return make("v1demo", std::move(description), v1_answer);
}

hosting::ModelPtr empty_model(std::string name) { return make(std::move(name), {}, nullptr); }

}  // namespace berth::test
