// SPDX-License-Identifier: Apache-2.0
// berth-symbolize: names the functions and source lines of a dead worker's stack. The server starts it; what it reads
// may be hostile, and so it is a process of its own that may fail.
#include <elfutils/libdwfl.h>
#include <sys/resource.h>

#include <cxxabi.h>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "worker/confine.h"

namespace {

using berth::json::Writer;

constexpr std::size_t kMaxLine = 32;
constexpr std::size_t kMaxAddresses = 1024;
constexpr std::size_t kMaxText = 2048;
constexpr rlim_t kMaxMemory = 4UL * 1024 * 1024 * 1024, kMaxSeconds = 20;

void bound(int resource, rlim_t most) {
  const rlimit limit{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

std::vector<Dwarf_Addr> read_addresses(std::FILE* question) {
  std::vector<Dwarf_Addr> addresses;
  char line[kMaxLine];
  while (addresses.size() < kMaxAddresses && std::fgets(line, sizeof(line), question) != nullptr && line[0] != '\n') {
    addresses.push_back(std::strtoull(line, nullptr, 16));
  }
  return addresses;
}

void write_text(Writer& writer, const char* key, std::string_view text) {
  text = text.substr(0, kMaxText);
  const auto clean = berth::is_utf8(text) ? std::string(text) : berth::latin1_to_utf8(text);
  writer.Key(key);
  writer.String(clean);
}

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                         &std::free);
  return text == nullptr ? name : text.get();
}

void write_frame(Writer& writer, Dwfl* dwfl, Dwarf_Addr address) {
  writer.StartObject();
  if (Dwfl_Module* module = ::dwfl_addrmodule(dwfl, address); module != nullptr) {
    GElf_Off offset = 0;
    GElf_Sym symbol{};
    const char* name = ::dwfl_module_addrinfo(module, address, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name != nullptr) write_text(writer, "function", demangled(name));
    int line = 0;
    Dwfl_Line* source = ::dwfl_module_getsrc(module, address);
    const char* file = source == nullptr ? nullptr : ::dwfl_lineinfo(source, nullptr, &line, nullptr, nullptr, nullptr);
    if (file != nullptr) {
      write_text(writer, "file", file);
      writer.Key("line");
      writer.Int(line);
    }
  }
  writer.EndObject();
}

}  // namespace

int main(int argc, char** argv) {
  if (!berth::worker::is_sanitized()) bound(RLIMIT_AS, kMaxMemory);  // whose shadow alone takes more
  bound(RLIMIT_CPU, kMaxSeconds);
  std::FILE* question = argc == 2 ? ::fdopen(std::atoi(argv[1]), "r") : nullptr;
  if (question == nullptr) {
    std::fputs("usage: the server starts it\n", stderr);
    return 2;
  }
  const auto addresses = read_addresses(question);
  Dwfl_Callbacks callbacks{};
  callbacks.find_elf = ::dwfl_linux_proc_find_elf;
  callbacks.find_debuginfo = ::dwfl_standard_find_debuginfo;
  Dwfl* dwfl = ::dwfl_begin(&callbacks);
  if (dwfl == nullptr) return 1;
  ::dwfl_report_begin(dwfl);
  if (::dwfl_linux_proc_maps_report(dwfl, question) < 0) {
    std::fputs("the maps cannot be read\n", stderr);
    return 1;
  }
  ::dwfl_report_end(dwfl, nullptr, nullptr);
  berth::json::Buffer buffer;
  Writer writer(buffer);
  writer.StartArray();
  for (const auto address : addresses) write_frame(writer, dwfl, address);
  writer.EndArray();
  std::printf("%s\n", buffer.GetString());
  std::fflush(stdout);
  ::dwfl_end(dwfl);
  return 0;
}
