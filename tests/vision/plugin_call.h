// SPDX-License-Identifier: Apache-2.0
// The image classifier's C table, and calls to it laid out as a host does it.
#pragma once

#include <berth/berth.h>
#include <dlfcn.h>

#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace berth::test {

// Never closed: a library that uses LibTorch cannot be unloaded.
inline const berth_model_type& model_type() {
  static void* const library = dlopen(BERTH_IMAGE_CLASSIFIER, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  return *static_cast<const berth_plugin*>(dlsym(library, BERTH_ENTRY_SYMBOL))->models[0];
}

// A call with files or URLs, laid out as a host does it. Stays where it is: everything in it points into it.
class FileCall {
 public:
  explicit FileCall(std::string json = "{}") : json_(std::move(json)) {}
  FileCall(const FileCall&) = delete;
  FileCall& operator=(const FileCall&) = delete;

  FileCall& file(std::string name, std::string bytes) {
    auto& stored = stored_.emplace_back(std::move(name), std::move(bytes));
    files_.push_back({sizeof(berth_file), detail::to_abi("data"), detail::to_abi(stored.first),
                      detail::to_abi("image/png"), stored.second.data(), stored.second.size()});
    pointers_.push_back(&files_.back());
    return *this;
  }
  FileCall& url(const char* url) {
    urls_.push_back(detail::to_abi(url));
    return *this;
  }
  const berth_args* raw() {
    raw_ = {};
    raw_.size = sizeof raw_;
    raw_.json = detail::to_abi(json_);
    raw_.files = pointers_.data();
    raw_.file_count = pointers_.size();
    raw_.urls = urls_.data();
    raw_.url_count = urls_.size();
    return &raw_;
  }

 private:
  std::string json_;
  std::deque<std::pair<std::string, std::string>> stored_;
  std::deque<berth_file> files_;
  std::vector<const berth_file*> pointers_;
  std::vector<berth_text> urls_;
  berth_args raw_{};
};

}  // namespace berth::test
