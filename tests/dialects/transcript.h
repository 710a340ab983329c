// SPDX-License-Identifier: Apache-2.0
// Transcript: calls recorded from the original servers, to be sent again and compared; over sockets or without.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.h"

namespace berth::test {

// One recorded call. Files that a command uploads are made up: img.jpg has the recorded size.
struct Exchange {
  std::string command;  // "-X POST /v2/models/probe/train/?sleep=8", the host left out
  std::string method;
  std::string target;
  http::Pairs headers;
  std::string body;
  int status = 0;  // as recorded, or as the table of differences has it; so are the next two
  std::string content_type;
  std::optional<std::string> answer;  // nullopt: not compared
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Where the product answers otherwise on purpose. The first that matches counts.
struct Difference {
  std::string_view transcript;  // the file's name
  std::string_view command;     // Exchange::command, or its beginning followed by '*'
  int status;
  std::string_view content_type;
  std::string_view answer;  // "*": not compared
  std::string_view reason;
};
std::span<const Difference> deepaas_differences();

// Reads a file as tests/dialects/transcripts/*transcript*.txt have them.
std::vector<Exchange> read_transcript(const std::filesystem::path& file);

// Sends every call in order; returns what differs, one text a call, and says in each what was expected and came.
// JSON is compared as a value. Identifiers of trainings are carried over from our answers into later calls. `wanted`
// (may be empty) chooses calls by their target.
std::vector<std::string> replay(const std::filesystem::path& file, std::span<const Difference> differences,
                                const std::function<Answer(const Exchange&)>& send,
                                const std::function<bool(std::string_view target)>& wanted = {});

// The call as the network layer would hand it on.
http::Request to_request(const Exchange& exchange);

}  // namespace berth::test
