// SPDX-License-Identifier: Apache-2.0
#include "fake_names.h"

#include <dlfcn.h>
#include <netdb.h>

#include <map>
#include <mutex>
#include <utility>

namespace berth::http {
namespace {

struct Entry {
  FakeName::Answer answer;
  int lookups = 0;
};

struct Names {
  std::mutex mutex;
  std::map<std::string, Entry> entries;
};

Names& names() {
  static Names all;
  return all;
}

using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

Lookup real_lookup() {
  static const auto found = reinterpret_cast<Lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return found;
}

FakeName::Answer answer_for(const char* name) {
  const std::scoped_lock lock(names().mutex);
  const auto found = name == nullptr ? names().entries.end() : names().entries.find(name);
  if (found == names().entries.end()) return {};
  ++found->second.lookups;
  return found->second.answer;
}

// One list of what the addresses are as the system writes them; freeaddrinfo takes it as it takes its own.
int list_of(const std::vector<std::string>& addresses, const char* service, const addrinfo* hints, addrinfo** result) {
  addrinfo numeric = hints == nullptr ? addrinfo{} : *hints;
  numeric.ai_flags = AI_NUMERICHOST;
  addrinfo** end = result;
  *result = nullptr;
  for (const auto& address : addresses) {
    if (const int error = real_lookup()(address.c_str(), service, &numeric, end); error != 0) {
      if (*result != nullptr) freeaddrinfo(*result);
      return error;
    }
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return *result == nullptr ? EAI_NONAME : 0;
}

}  // namespace

FakeName::FakeName(std::string name, Answer answer) : name_(std::move(name)) {
  const std::scoped_lock lock(names().mutex);
  names().entries[name_] = {std::move(answer)};
}

FakeName::FakeName(std::string name, std::vector<std::string> addresses)
    : FakeName(std::move(name), [addresses = std::move(addresses)] { return addresses; }) {}

FakeName::~FakeName() {
  const std::scoped_lock lock(names().mutex);
  names().entries.erase(name_);
}

int FakeName::lookups() const {
  const std::scoped_lock lock(names().mutex);
  return names().entries.at(name_).lookups;
}

}  // namespace berth::http

// Stands before the C library's, also for libcurl: a program's own functions go first.
extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* __restrict name,
                                                                  const char* __restrict service,
                                                                  const addrinfo* __restrict hints,
                                                                  addrinfo** __restrict result) {
  const auto answer = berth::http::answer_for(name);
  if (!answer) return berth::http::real_lookup()(name, service, hints, result);
  return berth::http::list_of(answer(), service, hints, result);
}
