// SPDX-License-Identifier: Apache-2.0
// Prints wherever it can: when it is loaded, made, asked and unmade.
#include <berth/berth.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace {

void shout(const char* when) {
  std::cout << "noise on " << when << std::endl;
  std::fprintf(stderr, "noise on stderr, %s", when);
  const std::string raw = std::string("\x00\x01{\"not\":\"the protocol\"}\n", 24);
  if (::write(STDOUT_FILENO, raw.data(), raw.size()) < 0) std::cerr << "stdout is closed\n";
}

const bool kLoaded = (shout("load"), true);

}  // namespace

class Noisy : public berth::BaseModel {
 public:
  Noisy() { shout("create"); }
  ~Noisy() override { shout("destroy"); }
  berth::Metadata get_metadata() const override {
    shout("metadata");
    return {.name = "noisy", .version = "1.0", .takes_files = false};
  }
  berth::Response predict_data(const berth::Args&) override {
    for (int i = 0; i < 100; ++i) shout("predict");
    return berth::Json{{"loaded", kLoaded}};
  }
};
BERTH_EXPORT_MODEL(Noisy)
