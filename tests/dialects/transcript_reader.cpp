// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "dialects/transcript.h"
#include "http/body.h"

namespace berth::test {
namespace {

constexpr std::string_view kMark = "--- curl ";
constexpr std::string_view kHost = "http://127.0.0.1:";
constexpr std::string_view kBoundary = "------------------------transcript";
constexpr std::size_t kImageBytes = 52177;  // as the recorded answers count it

struct Option {
  char letter = 0;
  std::string value;
};

// The commands were recorded without quotes: a value ends where the next option begins.
std::vector<Option> split_options(std::string_view text) {
  constexpr std::array<std::string_view, 5> kOptions{"-X", "-H", "-d", "-F", "-I"};
  const auto begins_option = [&](std::size_t at) {
    const auto rest = text.substr(at);
    return std::ranges::any_of(kOptions, [&](std::string_view option) {
      return rest.starts_with(option) && (rest.size() == 2 || rest[2] == ' ') && (at == 0 || text[at - 1] == ' ');
    });
  };
  std::vector<Option> options;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_option(at)) {
      options.push_back({text[at + 1], {}});
      at += 2;
    } else if (!options.empty()) {
      options.back().value += text[at];
    }
  }
  for (auto& option : options) {
    while (option.value.ends_with(' ')) option.value.pop_back();
  }
  return options;
}

std::string file_part(const std::string& name, const std::string& file) {
  const bool is_image = file.ends_with(".jpg");
  std::string content = is_image ? "\xFF\xD8\xFF\xE0JFIF" : "import this\n";
  if (is_image) content.resize(kImageBytes, 'x');
  return "; name=\"" + name + "\"; filename=\"" + file +
         "\"\r\nContent-Type: " + (is_image ? "image/jpeg" : "application/octet-stream") + "\r\n\r\n" + content;
}

std::string multipart_body(const std::vector<std::string>& fields) {
  std::string body;
  for (const auto& field : fields) {
    const auto equals = field.find('=');
    const auto name = field.substr(0, equals);
    const auto value = field.substr(equals + 1);
    body += "--" + std::string(kBoundary) + "\r\nContent-Disposition: form-data";
    body += value.starts_with('@') ? file_part(name, value.substr(1)) : "; name=\"" + name + "\"\r\n\r\n" + value;
    body += "\r\n";
  }
  return body + "--" + std::string(kBoundary) + "--\r\n";
}

void add_header(Exchange& exchange, const std::string& line) {
  const auto colon = line.find(':');
  const auto start = line.find_first_not_of(' ', colon + 1);
  if (start == line.npos) return;  // curl: no such header
  exchange.headers.emplace_back(line.substr(0, colon), line.substr(start));
}

bool has_header(const Exchange& exchange, std::string_view name) {
  return std::ranges::find(exchange.headers, name, &std::pair<std::string, std::string>::first) !=
         exchange.headers.end();
}

Exchange parse_command(std::string_view command) {
  const auto host = command.rfind(kHost);
  if (host == command.npos) throw std::runtime_error("no host in: " + std::string(command));
  Exchange exchange;
  exchange.target = command.substr(command.find('/', host + kHost.size()));
  exchange.command = std::string(command.substr(0, host)) + exchange.target;
  std::vector<std::string> fields;
  bool has_data = false;
  for (const auto& [letter, value] : split_options(command.substr(0, host))) {
    if (letter == 'X') exchange.method = value;
    if (letter == 'I') exchange.method = "HEAD";
    if (letter == 'H') add_header(exchange, value);
    if (letter == 'F') fields.push_back(value);
    if (letter == 'd') {
      exchange.body += (exchange.body.empty() ? "" : "&") + value;
      has_data = true;
    }
  }
  if (!fields.empty()) {
    exchange.body = multipart_body(fields);
    exchange.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + std::string(kBoundary));
  } else if (has_data && !has_header(exchange, "Content-Type")) {
    exchange.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  }
  if (exchange.method.empty()) exchange.method = has_data || !fields.empty() ? "POST" : "GET";
  return exchange;
}

// The first line of the answer's body, a leading status line left out; that is all that is comparable.
void add_answer_line(Exchange& exchange, const std::string& line) {
  if (exchange.status == 0) {
    std::istringstream words(line);
    words >> exchange.status >> std::ws;
    std::getline(words, exchange.content_type);
    return;
  }
  if (!exchange.answer && !line.starts_with("HTTP/1.1 ")) exchange.answer = line;
}

}  // namespace

std::vector<Exchange> read_transcript(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::vector<Exchange> exchanges;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kMark)) {
      exchanges.push_back(parse_command(std::string_view(line).substr(kMark.size())));
    } else if (!exchanges.empty() && !line.starts_with("#####")) {
      add_answer_line(exchanges.back(), line);
    }
  }
  return exchanges;
}

http::Request to_request(const Exchange& exchange) {
  http::Request request;
  request.method = exchange.method;
  request.target = exchange.target;
  const auto question = exchange.target.find('?');
  request.path = http::percent_decode(exchange.target.substr(0, question), false).value();
  if (question != std::string::npos) {
    request.query = http::parse_urlencoded(exchange.target.substr(question + 1)).value();
  }
  for (const auto& [name, value] : exchange.headers) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    request.headers.emplace_back(lower, value);
  }
  if (!request.header("accept")) request.headers.emplace_back("accept", "*/*");  // curl's own
  if (!request.header("host")) request.headers.emplace_back("host", "127.0.0.1");
  request.body = Bytes(exchange.body);
  request.peer = "127.0.0.1";
  request.id = "transcript";
  return request;
}

}  // namespace berth::test
