// SPDX-License-Identifier: Apache-2.0
#include "worker/session.h"

#include <fcntl.h>

#include <algorithm>
#include <exception>

#include "worker/crash_handler.h"
#include "worker/members.h"
#include "worker/results.h"

namespace berth::worker {
namespace {

constexpr std::size_t kMaxReason = 4096;

// The wall around the plugin: nothing it throws gets further.
template <typename Function, typename OnFailure>
void guarded(Function function, OnFailure on_failure) {
  try {
    function();
  } catch (const std::exception& thrown) {
    on_failure(std::string("an exception left the plugin: ") + thrown.what());
  } catch (...) {
    on_failure("an exception left the plugin");
  }
}

Doing doing(Method method, bool as_batch) {
  switch (method) {
    case Method::predict_url: return Doing::predict_url;
    case Method::train: return Doing::train;
    default: return as_batch ? Doing::predict_batch : Doing::predict_data;
  }
}

berth_package package_of(const Load& load) {
  return {sizeof(berth_package), text_of(load.name), text_of(load.version), text_of(load.package),
          text_of(load.config_json)};
}

}  // namespace

Session::Session(int control, int side, SharedMemory& memory, const Load& load)
    : control_(control),
      side_(side),
      memory_(memory),
      host_(side, memory, {std::string(load.scratch), std::string(load.new_package), std::string(load.data)}),
      inbox_(control, memory.request(), std::chrono::microseconds(load.spin_us)),
      package_(package_of(load)) {}

void refuse(int side, std::string_view reason) {
  Writer writer;
  writer.text(reason.substr(0, kMaxReason));
  (void)send(side, Message::failed, writer.view(), nullptr, Wait::yes);
}

bool Session::run(int control, int side, SharedMemory& memory, std::string_view walls) {
  const auto packet = std::make_unique<Packet>();
  Load load;
  if (!receive(side, *packet, &memory.request(), Wait::yes)) return false;
  Reader reader(packet->body);
  if (packet->type != Message::load || !read(reader, load)) return false;

  Session session(control, side, memory, load);
  auto made = session.create(load);
  if (made) made = session.announce(walls);
  if (!made) {
    refuse(side, made.error().message);
    return false;
  }
  session.serve();
  note_doing(Doing::destroy);
  guarded([&] { session.type_->destroy(session.model_); }, [](std::string_view) {});
  return true;
}

// Asks the model for something that it says of itself; "" where it says nothing.
template <typename Function>
Result<std::string> Session::ask(Function function, bool json_wanted) {
  memory_.response().clear();
  ResultSlot slot(memory_.response());
  guarded([&] { function(slot.abi()); }, [&](std::string_view what) { slot.fail(what); });
  const auto& result = slot.result();
  if (result.kind == ResultKind::error) return failure(Code::unavailable, std::string(result.body));
  if (json_wanted && result.kind != ResultKind::json) return failure(Code::unavailable, "it answered with no JSON");
  return std::string(result.body);
}

Result<> Session::create(const Load& load) {
  note_doing(Doing::opening);
  auto plugin = Plugin::open(std::string(load.plugin));
  if (!plugin) return failure(plugin.error());
  plugin_ = std::make_unique<Plugin>(std::move(*plugin));
  const auto type = plugin_->type(load.type);
  if (!type) return failure(type.error());
  type_ = *type;
  if (BERTH_MEMBER(type_, create) == nullptr || BERTH_MEMBER(type_, destroy) == nullptr ||
      BERTH_MEMBER(type_, get_metadata) == nullptr) {
    return failure(Code::unavailable, "the plugin's model type lacks create, destroy or get_metadata");
  }
  note_doing(Doing::create);
  const auto* given = load.package.empty() ? nullptr : &package_;
  const auto created =
      ask([&](const berth_result* result) { model_ = type_->create(host_.abi(), given, result); }, false);
  if (!created) return failure(Code::unavailable, "create: " + created.error().message);
  if (model_ == nullptr) return failure(Code::unavailable, "create: it made no model and gave no reason");
  if (auto* warm = BERTH_MEMBER(type_, warm); warm != nullptr) {
    note_doing(Doing::warm);
    const auto warmed = ask([&](const berth_result* result) { warm(model_, result); }, false);
    if (!warmed) return failure(Code::unavailable, "warm: " + warmed.error().message);
  }
  return {};
}

Result<> Session::announce(std::string_view walls) {
  note_doing(Doing::describing);
  const auto json_of = [this](auto* function, std::string_view name) -> Result<std::string> {
    if (function == nullptr) return std::string();
    auto text = ask([&](const berth_result* result) { function(model_, result); }, true);
    if (!text) return failure(Code::unavailable, std::string(name) + ": " + text.error().message);
    return text;
  };
  const auto metadata = json_of(BERTH_MEMBER(type_, get_metadata), "get_metadata");
  if (!metadata) return failure(metadata.error());
  const auto test_args = json_of(BERTH_MEMBER(type_, get_test_args), "get_test_args");
  if (!test_args) return failure(test_args.error());
  const auto train_args = json_of(BERTH_MEMBER(type_, get_train_args), "get_train_args");
  if (!train_args) return failure(train_args.error());
  const auto schema = json_of(BERTH_MEMBER(type_, get_response_schema), "get_response_schema");
  if (!schema) return failure(schema.error());

  const auto inputs = json_of(BERTH_MEMBER(type_, get_inputs), "get_inputs");
  if (!inputs) return failure(inputs.error());
  const auto outputs = json_of(BERTH_MEMBER(type_, get_outputs), "get_outputs");
  if (!outputs) return failure(outputs.error());

  Ready ready{*metadata, *test_args, *train_args, *schema, *inputs, *outputs};
  ready.walls = walls;
  ready.has_predict_batch = BERTH_MEMBER(type_, predict_batch) != nullptr;
  ready.has_predict_data = BERTH_MEMBER(type_, predict_data) != nullptr || ready.has_predict_batch != 0;
  ready.has_predict_url = BERTH_MEMBER(type_, predict_url) != nullptr;
  ready.has_train = BERTH_MEMBER(type_, train) != nullptr;
  writer_.clear();
  write(writer_, ready);
  if (writer_.size() > kMaxSaid) return failure(Code::too_large, "what the model says of itself is too long");
  memory_.response().clear();
  return send(side_, Message::ready, writer_.view(), &memory_.response(), Wait::yes);
}

void Session::serve() {
  serve_calls();
  // A plugin that closes every descriptor closes these, too.
  if (::fcntl(control_, F_GETFD) < 0 || ::fcntl(side_, F_GETFD) < 0) {
    note_closed_descriptor();
  }
}

void Session::serve_calls() {
  const auto packet = std::make_unique<Packet>();
  note_doing(Doing::idle);
  while (inbox_.next(*packet) && packet->type == Message::call) {
    Reader reader(packet->body);
    CallHeader header;
    if (!read(reader, header) || !answer(header, reader)) return;
  }
}

bool Session::answer(const CallHeader& header, Reader& reader) {
  std::vector<CallView> views(header.count);
  std::vector<std::unique_ptr<CallArgs>> calls;
  std::vector<std::unique_ptr<ResultSlot>> slots;
  memory_.response().clear();
  for (auto& view : views) {
    if (!read_call(reader, memory_.request(), view)) return false;
    calls.push_back(std::make_unique<CallArgs>(view));
    slots.push_back(std::make_unique<ResultSlot>(memory_.response()));
  }
  host_.begin_calls(views);
  const auto compute_ns = compute(header.method, calls, slots);
  host_.end_calls();
  note_doing(Doing::idle);  // before anyone has the answer
  return reply(header, compute_ns, slots);
}

std::uint64_t Session::compute(Method method, const std::vector<std::unique_ptr<CallArgs>>& calls,
                               const std::vector<std::unique_ptr<ResultSlot>>& slots) {
  const auto start = std::chrono::steady_clock::now();
  const auto single = [&](auto* function) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (function == nullptr)
        slots[i]->fail("the plugin has no such method");
      else
        guarded([&] { function(model_, calls[i]->abi(), slots[i]->abi()); }, [&](auto what) { slots[i]->fail(what); });
    }
  };
  const auto batch = [&](auto* function) {
    std::vector<const berth_args*> args;
    std::vector<const berth_result*> results;
    args.reserve(calls.size());
    results.reserve(slots.size());
    for (const auto& call : calls) args.push_back(call->abi());
    for (const auto& slot : slots) results.push_back(slot->abi());
    guarded([&] { function(model_, args.data(), args.size(), results.data()); },
            [&](auto what) { std::ranges::for_each(slots, [&](const auto& slot) { slot->fail(what); }); });
  };
  auto* predict_data = BERTH_MEMBER(type_, predict_data);
  auto* predict_batch = BERTH_MEMBER(type_, predict_batch);
  const bool as_batch = predict_batch != nullptr && (calls.size() > 1 || predict_data == nullptr);
  note_doing(doing(method, as_batch));
  switch (method) {
    case Method::predict_data:
      if (as_batch)
        batch(predict_batch);
      else
        single(predict_data);
      break;
    case Method::predict_url: single(BERTH_MEMBER(type_, predict_url)); break;
    case Method::train:
      single(BERTH_MEMBER(type_, train));
      host_.flush_progress();
      break;
  }
  const auto spent = std::chrono::steady_clock::now() - start;
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(spent).count());
}

bool Session::reply(const CallHeader& header, std::uint64_t compute_ns,
                    const std::vector<std::unique_ptr<ResultSlot>>& slots) {
  writer_.clear();
  write(writer_, DoneHeader{header.sequence, compute_ns, slots.size()});
  for (const auto& slot : slots) write_result(writer_, memory_.response(), slot->result());
  if (writer_.size() <= kMaxSaid) {
    const auto whole = prepare(Message::done, writer_.view(), &memory_.response());
    if (whole) return send(control_, *whole, Wait::yes).has_value();
  }
  // The answers' labels themselves do not fit.
  writer_.clear();
  write(writer_, DoneHeader{header.sequence, compute_ns, slots.size()});
  ResultView overflow;
  overflow.kind = ResultKind::overflow;
  for (std::size_t i = 0; i < slots.size(); ++i) write_result(writer_, memory_.response(), overflow);
  return send(control_, Message::done, writer_.view(), nullptr, Wait::yes).has_value();
}

}  // namespace berth::worker
