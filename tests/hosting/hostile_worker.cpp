// SPDX-License-Identifier: Apache-2.0
// A worker that speaks the protocol until it is called, then says what the file name of its plugin tells it to.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "worker/channel.h"

using namespace berth;
using namespace berth::worker;

namespace {

struct Wire {
  int control, side;
  SharedMemory& memory;
  CallHeader call;

  void say(Message type, std::string_view body) const { (void)send(control, type, body, nullptr, Wait::yes); }
  void progress(double fraction, std::string_view details) const {
    Writer writer;
    write(writer, Progress{fraction, details});
    (void)send(side, Message::progress, writer.view(), nullptr, Wait::yes);
  }
  std::string head(std::uint64_t sequence, std::uint64_t count) const {
    Writer writer;
    write(writer, DoneHeader{sequence, ~std::uint64_t{0}, count});
    return std::string(writer.view());
  }
  // One answer of `count` tensors that are all the same `size` bytes.
  std::string tensors(std::uint64_t count, std::uint64_t size) const {
    Writer writer;
    writer.number(static_cast<std::uint8_t>(ResultKind::tensors));
    writer.number<std::int32_t>(0);
    for (int i = 0; i < 3; ++i) i == 0 ? writer.number<std::uint8_t>(1) : writer.number<std::uint64_t>(0);
    writer.text("");
    writer.text("");
    writer.number(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      writer.text("x");
      writer.number(datatype_number("UINT8"));
      writer.number<std::uint64_t>(1);
      writer.number<std::int64_t>(static_cast<std::int64_t>(size));
      writer.number<std::uint8_t>(1);
      writer.number<std::uint64_t>(0);
      writer.number(size);
    }
    return head(call.sequence, 1) + std::string(writer.view());
  }
  // One answer whose body claims to lie at `offset`.
  std::string answer(std::uint8_t kind, std::uint64_t offset, std::uint64_t size) const {
    Writer writer;
    writer.number(kind);
    writer.number<std::int32_t>(0);
    writer.number<std::uint8_t>(1);
    writer.number(offset);
    writer.number(size);
    writer.text("");
    writer.text("");
    writer.number<std::uint64_t>(0);
    return head(call.sequence, 1) + std::string(writer.view());
  }
};

using Trick = std::function<void(const Wire&)>;

const std::map<std::string, Trick>& tricks() {
  static const std::map<std::string, Trick> all{
      {"noise", [](const Wire& wire) { wire.say(Message::done, "what is this"); }},
      {"unknown_type", [](const Wire& wire) { wire.say(static_cast<Message>(99), ""); }},
      {"tiny_packet", [](const Wire& wire) { (void)!::write(wire.control, "x", 1); }},
      {"huge_count", [](const Wire& wire) { wire.say(Message::done, wire.head(wire.call.sequence, 1ULL << 60)); }},
      {"old_sequence", [](const Wire& wire) { wire.say(Message::done, wire.head(wire.call.sequence - 1, 1)); }},
      {"outside", [](const Wire& wire) { wire.say(Message::done, wire.answer(1, 1ULL << 40, 10)); }},
      {"overflowing", [](const Wire& wire) { wire.say(Message::done, wire.answer(1, ~0ULL - 5, 10)); }},
      {"too_long", [](const Wire& wire) { wire.say(Message::done, wire.answer(2, 64, ~0ULL)); }},
      {"bad_kind", [](const Wire& wire) { wire.say(Message::done, wire.answer(77, 0, 0)); }},
      // Would be read where the packet was, when the packet is there no more.
      {"inline_body",
       [](const Wire& wire) {
         Writer writer;
         writer.number<std::uint8_t>(1);
         writer.number<std::int32_t>(0);
         writer.number<std::uint8_t>(0);
         writer.text("{}");
         writer.text("");
         writer.text("");
         writer.number<std::uint64_t>(0);
         wire.say(Message::done, wire.head(wire.call.sequence, 1) + std::string(writer.view()));
       }},
      {"same_bytes", [](const Wire& wire) { wire.say(Message::done, wire.tensors(200, 1 << 20)); }},
      {"many_tensors", [](const Wire& wire) { wire.say(Message::done, wire.tensors(257, 0)); }},
      {"long_label",
       [](const Wire& wire) {
         Writer writer;
         writer.number(static_cast<std::uint8_t>(ResultKind::file));
         writer.number<std::int32_t>(0);
         writer.number<std::uint8_t>(1);
         writer.number<std::uint64_t>(0);
         writer.number<std::uint64_t>(0);
         writer.text(std::string(5'000'000, 'x'));
         writer.text("");
         writer.number<std::uint64_t>(0);
         (void)send(wire.control, Message::done, wire.head(wire.call.sequence, 1) + std::string(writer.view()),
                    &wire.memory.response(), Wait::yes);
       }},
      // Large enough to be taken on another thread than the one that hears of the second.
      {"twice",
       [](const Wire& wire) {
         for (int i = 0; i < 2; ++i) wire.say(Message::done, wire.answer(2, 0, 2 << 20));
       }},
      // More than a second's worth and what the socket holds; then it answers.
      {"metric_flood",
       [](const Wire& wire) {
         Writer writer;
         write(writer, Metric{1, "flood", 1});
         for (int i = 0; i < 3000; ++i) (void)send(wire.side, Message::metric, writer.view(), nullptr, Wait::yes);
         wire.say(Message::done, wire.answer(2, 0, 0));
       }},
      {"trailing", [](const Wire& wire) { wire.say(Message::done, wire.answer(1, 0, 0) + "more"); }},
      {"spill_outside",
       [](const Wire& wire) {
         const std::string packet = std::string("\x0b\x01\0\0\0\0\0\0", 8) + std::string(16, '\xff');
         (void)!::write(wire.control, packet.data(), packet.size());
       }},
      {"two_fetches",
       [](const Wire& wire) {
         for (std::uint64_t id = 1; id <= 2; ++id) {
           Writer writer;
           writer.number(id);
           writer.text("http://example.org/");
           (void)send(wire.side, Message::fetch, writer.view(), nullptr, Wait::yes);
         }
       }},
      // No object, far too much, what may be said, and then all that there is time for.
      {"progress_flood",
       [](const Wire& wire) {
         wire.progress(0.25, "[1]");
         wire.progress(0.5, "{\"a\":\"" + std::string(40'000, 'x') + "\"}");
         wire.progress(0.75, R"({"epoch":1})");
         for (int i = 0; i < 1000; ++i) wire.progress(1, "{}");
         wire.say(Message::done, wire.answer(2, 0, 0));
       }},
      {"side_noise", [](const Wire& wire) { (void)send(wire.side, Message::progress, "??", nullptr, Wait::yes); }},
      {"second_ready", [](const Wire& wire) { (void)send(wire.side, Message::ready, "", nullptr, Wait::yes); }},
  };
  return all;
}

// Answers its first call as soon as the bytes of it begin to come, before it was sent.
int answer_early(int control, int side, SharedMemory& memory, Packet& packet) {
  const volatile char* first = memory.request().at(0, 1)->data();
  while (*first == 0) {
  }
  // Too slow: that it died is as good.
  if (receive(control, packet, &memory.request(), Wait::no)) return 1;
  const Wire wire{control, side, memory, CallHeader{1, Method::predict_data, 1}};
  wire.say(Message::done, wire.answer(2, 0, 0));
  ::pause();
  return 0;
}

int describe(std::string path) {
  path = path.substr(path.rfind('/') + 1);
  const auto name = path.substr(0, path.find('.'));
  std::printf(R"({"name":"%s","version":"1","models":[{"name":"%s","needs_package":false,"methods":[]}]})",
              name.c_str(), name.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4) return describe(argv[2]);
  if (argc != 7) return 2;
  const int control = std::atoi(argv[2]), side = std::atoi(argv[3]);
  auto memory = SharedMemory::open(UniqueFd(std::atoi(argv[4])));
  const auto packet = std::make_unique<Packet>();
  if (!memory || !receive(side, *packet, &memory->request(), Wait::yes)) return 1;
  Reader loading(packet->body);
  Load load;
  if (!read(loading, load)) return 1;
  const std::string name(load.name);
  if (name == "never_ready") return ::pause();
  Writer writer;
  Ready ready;
  ready.metadata_json = R"({"name":"hostile"})";
  ready.has_predict_data = ready.has_train = 1;
  write(writer, ready);
  (void)send(side, Message::ready, writer.view(), nullptr, Wait::yes);
  if (name == "early") return answer_early(control, side, *memory, *packet);
  while (receive(control, *packet, &memory->request(), Wait::yes) && packet->type == Message::call) {
    Reader reader(packet->body);
    CallHeader header;
    if (!read(reader, header)) return 1;
    tricks().at(name)({control, side, *memory, header});
  }
  return 0;
}
