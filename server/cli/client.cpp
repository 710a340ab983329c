// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <curl/curl.h>

#include <memory>

#include "http/body.h"

namespace berth::cli {
namespace {

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;
using Mime = std::unique_ptr<curl_mime, void (*)(curl_mime*)>;

template <typename Value>
void set(const Handle& curl, CURLoption option, Value value) {
  curl_easy_setopt(curl.get(), option, value);
}

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* body) {
  try {
    static_cast<std::string*>(body)->append(bytes, size);
    return size;
  } catch (...) {
    return 0;
  }
}

int note_sent(void* data, curl_off_t, curl_off_t, curl_off_t total, curl_off_t done) {
  auto& sent = *static_cast<Client::Sent*>(data);
  sent.total = static_cast<std::uint64_t>(total);
  sent.done = static_cast<std::uint64_t>(done);
  return 0;
}

Handle open(const std::string& url, std::chrono::seconds timeout) {
  Handle curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) throw std::bad_alloc();
  set(curl, CURLOPT_URL, url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_CONNECTTIMEOUT, 10L);
  set(curl, CURLOPT_TIMEOUT, static_cast<long>(timeout.count()));
  return curl;
}

// The headers of a request; they must live as long as it.
class Headers {
 public:
  void add(const std::string& line) {
    auto* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list_ = longer;
  }
  explicit Headers(const std::string& key) {
    if (!key.empty()) add("X-API-Key: " + key);
  }
  ~Headers() { curl_slist_free_all(list_); }
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;

  void set_on(const Handle& curl) const { set(curl, CURLOPT_HTTPHEADER, list_); }

 private:
  curl_slist* list_ = nullptr;
};

// Of `<?until=7>; rel="next"` (RFC 8288): what is in the brackets.
std::string next_of(std::string_view link) {
  const auto end = link.find('>');
  if (!link.starts_with('<') || end == link.npos || link.find("rel=\"next\"", end) == link.npos) return {};
  return std::string(link.substr(1, end - 1));
}

Result<Answer> perform(const Handle& curl, const std::string& url) {
  Answer answer;
  set(curl, CURLOPT_WRITEFUNCTION, take_body);
  set(curl, CURLOPT_WRITEDATA, &answer.body);
  const auto code = curl_easy_perform(curl.get());
  if (code == CURLE_OPERATION_TIMEDOUT) return failure(Code::timeout, url + " did not answer in time");
  if (code == CURLE_COULDNT_CONNECT) {
    return failure(Code::unavailable, "no server answers at " + url + " (start one with `berth serve`)");
  }
  if (code != CURLE_OK) return failure(Code::unavailable, url + ": " + curl_easy_strerror(code));
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  const char* type = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
  answer.content_type = type ? type : "";
  curl_header* link = nullptr;
  if (curl_easy_header(curl.get(), "Link", 0, CURLH_HEADER, -1, &link) == CURLHE_OK) answer.next = next_of(link->value);
  return answer;
}

Mime make_form(const Handle& curl, const CallInputs& inputs) {
  Mime form(curl_mime_init(curl.get()), curl_mime_free);
  for (const auto& [name, value] : inputs.values) {
    auto* part = curl_mime_addpart(form.get());
    curl_mime_name(part, name.c_str());
    curl_mime_data(part, value.data(), value.size());
  }
  for (const auto& [name, path] : inputs.files) {
    auto* part = curl_mime_addpart(form.get());
    curl_mime_name(part, name.c_str());
    curl_mime_filedata(part, path.c_str());
  }
  return form;
}

std::string urlencoded(const CallInputs& inputs) {
  std::string text;
  for (const auto& [name, value] : inputs.values) {
    if (!text.empty()) text += '&';
    text.append(http::percent_encode(name)).append("=").append(http::percent_encode(value));
  }
  return text;
}

// What `ask` gets with that key. Where nobody named it, `ask` comes without it first.
template <class Ask>
Result<Answer> ask_with(const Key& key, const Ask& ask) {
  constexpr long kUnauthorized = 401;
  if (!key.is_guess) return ask(key.text);
  auto answer = ask("");
  return answer && answer->status == kUnauthorized ? ask(key.text) : answer;
}

}  // namespace

Result<Client> Client::create(std::string url, std::chrono::seconds timeout, Key key) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return failure(Code::invalid_argument,
                   "--url: expected an address such as http://127.0.0.1:5000, got \"" + url + '"');
  }
  while (url.ends_with('/')) url.pop_back();
  return Client(std::move(url), timeout, std::move(key));
}

Result<Answer> Client::get(const std::string& path) const {
  return ask_with(key_, [&](const std::string& key) {
    const auto curl = open(url_ + path, timeout_);
    const Headers headers(key);
    headers.set_on(curl);
    return perform(curl, url_);
  });
}

Result<Answer> Client::send(const std::string& method, const std::string& path, const std::string& json) const {
  return ask_with(key_, [&](const std::string& key) {
    const auto curl = open(url_ + path, timeout_);
    Headers headers(key);
    if (!json.empty()) headers.add("Content-Type: application/json");
    headers.set_on(curl);
    set(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
    set(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(json.size()));
    set(curl, CURLOPT_COPYPOSTFIELDS, json.c_str());
    return perform(curl, url_);
  });
}

Result<Answer> Client::post(const std::string& path, const CallInputs& inputs, Sent& sent) const {
  return ask_with(key_, [&](const std::string& key) {
    const auto curl = open(url_ + path, timeout_);
    const Headers headers(key);
    headers.set_on(curl);
    set(curl, CURLOPT_XFERINFOFUNCTION, note_sent);
    set(curl, CURLOPT_XFERINFODATA, &sent);
    set(curl, CURLOPT_NOPROGRESS, 0L);
    if (inputs.files.empty()) {
      const auto body = urlencoded(inputs);
      set(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
      set(curl, CURLOPT_COPYPOSTFIELDS, body.c_str());
      return perform(curl, url_);
    }
    const auto form = make_form(curl, inputs);
    set(curl, CURLOPT_MIMEPOST, form.get());
    return perform(curl, url_);
  });
}

}  // namespace berth::cli
