// SPDX-License-Identifier: Apache-2.0
#include "http/fetch_transfer.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <optional>

#include "base/text.h"
#include "http/header_value.h"

namespace berth::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxHeaderBytes = 64UL * 1024;

// What libcurl's callbacks see. Nothing may be thrown through them.
struct Transfer {
  const FetchOptions& options;
  const FetchGuard& guard;
  const std::atomic<bool>& stop;
  FetchTarget target = {};
  std::string body = {};
  std::size_t header_bytes = 0;
  bool opened = false;
  std::optional<Error> refusal = {};  // why a callback ended the transfer

  bool accepts(const std::optional<Address>& address) {
    const auto checked = address ? guard.check_address(target, *address)
                                 : Result<>(failure(Code::forbidden, target.host + " is not reached over IP"));
    if (!checked) refusal = checked.error();
    return checked.has_value();
  }
};

Transfer& self(void* data) { return *static_cast<Transfer*>(data); }

// Sees every address that libcurl is about to connect to, however the name was written or resolved.
curl_socket_t open_socket(void* data, curlsocktype, curl_sockaddr* address) {
  auto& transfer = self(data);
  if (!transfer.accepts(to_address(address->addr))) return CURL_SOCKET_BAD;
  transfer.opened = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Sees every request, also one on a connection that was opened for an earlier hop.
int before_request(void* data, char* ip, char*, int, int) {
  return self(data).accepts(parse_address(ip)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* data) {
  auto& transfer = self(data);
  if (size > transfer.options.max_bytes - transfer.body.size()) {
    transfer.refusal =
        Error{Code::too_large, "the file is larger than " + std::to_string(transfer.options.max_bytes) + " bytes"};
    return 0;
  }
  try {
    transfer.body.append(bytes, size);
  } catch (...) {
    transfer.refusal = Error{Code::unavailable, "there is no memory for the file"};
    return 0;
  }
  return size;
}

std::size_t take_header(char*, std::size_t, std::size_t size, void* data) {
  auto& transfer = self(data);
  transfer.header_bytes += size;
  if (transfer.header_bytes <= kMaxHeaderBytes) return size;
  transfer.refusal = Error{Code::unavailable, "the server's header has no end"};
  return 0;
}

int on_progress(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = self(data);
  if (!transfer.stop) return 0;
  transfer.refusal = Error{Code::cancelled, "the fetch was given up because the server stops"};
  return 1;
}

template <typename Value>
void set(CURL* curl, CURLoption option, Value value) {
  curl_easy_setopt(curl, option, value);
}

void set_rules(CURL* curl, Transfer& transfer) {
  const auto& options = transfer.options;
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(curl, CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer holds libcurl's thread for it, for as long as the system's resolver has
  // patience, and not this one.
  set(curl, CURLOPT_QUICK_EXIT, 1L);
  set(curl, CURLOPT_USERAGENT, "berth");
  set(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(curl, CURLOPT_OPENSOCKETDATA, &transfer);
  set(curl, CURLOPT_PREREQFUNCTION, before_request);
  set(curl, CURLOPT_PREREQDATA, &transfer);
  set(curl, CURLOPT_WRITEFUNCTION, take_body);
  set(curl, CURLOPT_WRITEDATA, &transfer);
  set(curl, CURLOPT_HEADERFUNCTION, take_header);
  set(curl, CURLOPT_HEADERDATA, &transfer);
  set(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  set(curl, CURLOPT_XFERINFODATA, &transfer);
  set(curl, CURLOPT_NOPROGRESS, 0L);
  set(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.max_bytes));
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  set(curl, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options.min_bytes_per_second));
  set(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.low_speed_time.count()));
}

Error explain(CURLcode code, const Transfer& transfer) {
  // An address that was refused beside one that was tried is not what the fetch failed on.
  if (transfer.refusal && (code != CURLE_COULDNT_CONNECT || !transfer.opened)) return *transfer.refusal;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return {Code::timeout, transfer.target.host + " did not answer in time"};
    case CURLE_FILESIZE_EXCEEDED:
      return {Code::too_large, "the file is larger than " + std::to_string(transfer.options.max_bytes) + " bytes"};
    case CURLE_URL_MALFORMAT: return {Code::invalid_argument, "the URL is malformed"};
    case CURLE_UNSUPPORTED_PROTOCOL: return {Code::unavailable, transfer.target.host + " does not answer in HTTP"};
    default: return {Code::unavailable, transfer.target.host + ": " + curl_easy_strerror(code)};
  }
}

// One request; the URL of the next hop where the answer is a redirect, else "".
Result<std::string> run_hop(CURL* curl, const std::string& url, Transfer& transfer, Clock::time_point deadline) {
  auto target = transfer.guard.check_url(url);
  if (!target) return tl::unexpected(std::move(target).error());
  transfer.target = *std::move(target);
  transfer.body.clear();
  transfer.header_bytes = 0;
  transfer.opened = false;
  transfer.refusal.reset();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (left <= 0) return tl::unexpected(explain(CURLE_OPERATION_TIMEDOUT, transfer));
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(left));
  set(curl, CURLOPT_URL, url.c_str());
  if (const auto code = curl_easy_perform(curl); code != CURLE_OK) return tl::unexpected(explain(code, transfer));

  const char* next = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next);
  if (next) return std::string(next);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return std::string();
  return failure(Code::unavailable, transfer.target.host + " answered with status " + std::to_string(status));
}

}  // namespace

Result<FetchedFile> fetch_now(const std::string& url, const FetchOptions& options, const FetchGuard& guard,
                              const std::atomic<bool>& stop) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return failure(Code::unavailable, "there is no memory for the fetch");
  Transfer transfer{.options = options, .guard = guard, .stop = stop};
  set_rules(curl.get(), transfer);
  const auto deadline = Clock::now() + options.total_timeout;
  auto location = url;
  for (std::size_t hop = 0; hop <= options.max_redirects; ++hop) {
    auto next = run_hop(curl.get(), location, transfer, deadline);
    if (!next) return tl::unexpected(std::move(next).error());
    if (!next->empty()) {
      location = *std::move(next);
      continue;
    }
    const char* type = nullptr;
    curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
    const bool usable = type && is_utf8(type) && parse_header_value(type);
    return FetchedFile{transfer.target.file_name, usable ? type : "", Bytes(std::move(transfer.body))};
  }
  return failure(Code::forbidden, "more than " + std::to_string(options.max_redirects) + " redirects");
}

}  // namespace berth::http
