// SPDX-License-Identifier: Apache-2.0
#include "hosting/crash_reporter.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <tuple>

#include "base/json.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/unique_fd.h"
#include "elf/file.h"
#include "hosting/child_output.h"
#include "hosting/library_copies.h"
#include "hosting/output_pipe.h"

namespace berth::hosting {
namespace {

constexpr std::size_t kMaxJobs = 64;
constexpr std::size_t kMaxDigests = 64;
constexpr std::chrono::milliseconds kSymbolizeTimeout{15'000};

// The lines whose files can be opened without waiting: the dead process may have named any.
std::string files_only(std::string_view maps) {
  std::string result, last;
  bool is_file = false;
  while (!maps.empty()) {
    const auto line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(maps.size(), line.size() + 1));
    const auto path = line.find('/');
    if (path == std::string_view::npos) continue;
    if (line.substr(path) != last) {
      last = line.substr(path);
      std::error_code ignored;
      is_file = std::filesystem::is_regular_file(last, ignored);
    }
    if (is_file) result.append(line).append("\n");
  }
  return result;
}

// A question as berth-symbolize reads it: addresses, an empty line, the maps.
Result<UniqueFd> write_question(const std::vector<StackFrame>& stack, const std::string& maps) {
  std::string text;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    char line[32];
    // A return address may be that of the next line, or of the next function.
    const auto address = stack[i].address - (i == 0 || stack[i].address == 0 ? 0 : 1);
    std::snprintf(line, sizeof(line), "%llx\n", static_cast<unsigned long long>(address));
    text += line;
  }
  text.append("\n").append(files_only(maps));
  UniqueFd fd(::memfd_create("berth-stack", MFD_CLOEXEC));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(fd.get(), 0, SEEK_SET) != 0) {
    return failure(Code::unavailable, std::string("memfd: ") + std::strerror(errno));
  }
  return fd;
}

}  // namespace

Result<> symbolize(std::vector<StackFrame>& stack, const std::string& maps, const std::filesystem::path& symbolizer,
                   std::chrono::milliseconds timeout, const std::atomic<bool>* stop) {
  const auto question = write_question(stack, maps);
  if (!question) return failure(question.error());
  const auto heard =
      run_child({.program = symbolizer, .args = {std::to_string(question->get())}, .inherited = {question->get()}},
                {.timeout = timeout, .stop = stop});
  if (!heard) return failure(heard.error());
  if (!heard->exit) return failure(Code::timeout, "it took too long");
  if (heard->exit->code != 0 || heard->exit->signal != 0) {
    return failure(Code::unavailable, to_string(*heard->exit) + ": " + heard->err);
  }
  const auto document = json::parse(heard->out);
  if (!document || !document->IsArray()) return failure(Code::unavailable, "it printed no JSON");
  const auto count = std::min<std::size_t>(document->Size(), stack.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& known = (*document)[static_cast<rapidjson::SizeType>(i)];
    stack[i].function = json::text_at(known, "function");
    stack[i].file = json::text_at(known, "file");
    const auto* line = json::find(known, "line");
    stack[i].line = line != nullptr && line->IsInt() ? line->GetInt() : 0;
  }
  return {};
}

CrashReporter::CrashReporter(Options options, std::unique_ptr<CrashStore> store,
                             std::unique_ptr<ScratchFolder> own_folder)
    : options_(std::move(options)),
      own_folder_(std::move(own_folder)),
      store_(std::move(store)),
      thread_({.name = "berth-crashes", .max_waiting = kMaxJobs}) {}

Result<std::shared_ptr<CrashReporter>> CrashReporter::create(Options options) {
  std::unique_ptr<ScratchFolder> own_folder;
  if (options.folder.empty()) {
    auto made = ScratchFolder::create();
    if (!made) return failure(std::move(made.error()));
    own_folder = std::move(*made);
    options.folder = own_folder->path() / "crashes";
  }
  auto store = CrashStore::open(options.folder, options.limits);
  if (!store) return failure(store.error());
  return std::shared_ptr<CrashReporter>(
      new CrashReporter(std::move(options), std::move(*store), std::move(own_folder)));
}

CrashReporter::~CrashReporter() {
  ending_ = true;
  thread_.close();
}

void CrashReporter::add(std::function<void()> job) {
  if (thread_.post(std::move(job))) return;
  log::warning("workers die faster than reports are written: one is left out", {.component = "hosting"});
}

void CrashReporter::report(Death&& death) {
  add([this, death = std::make_shared<Death>(std::move(death))] { write(std::move(*death)); });
}

void CrashReporter::keep_input(const std::string& id, std::vector<Call> calls) {
  if (!options_.keep_input) return;
  add([this, id, calls = std::move(calls)] {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (const auto saved = store_->save_input(id, i, calls[i]); !saved) {
        log::warning(saved.error().message, {.request_id = calls[i].request_id, .component = "hosting"});
      }
    }
  });
}

void CrashReporter::save(const CrashReport& report) {
  if (const auto saved = store_->save(report); !saved) {
    log::error("crash report " + report.id + " is lost: " + saved.error().message,
               {.request_id = joined_ids(report.request_ids), .model = report.model, .component = "hosting"});
  }
}

void CrashReporter::write(Death&& death) {
  const auto copy = death.source.copy;  // what its frames lie in, until their names are known
  const auto library = copy == nullptr ? death.source.plugin : copy->path();
  auto report = make_report(std::move(death));
  const auto ids = joined_ids(report.request_ids);
  const auto key = library.string() + (copy == nullptr ? "" : copy->fingerprint());
  if (digests_.size() >= kMaxDigests) digests_.clear();
  if (const auto [found, is_new] = digests_.try_emplace(key); is_new) {
    const auto file = elf::File::read(library);
    const auto digest = digest_of_file(library);
    found->second = {file ? file->build_id : "", digest ? digest->sha256 : ""};
  }
  std::tie(report.plugin_build_id, report.plugin_sha256) = digests_[key];
  std::error_code ignored;
  const bool can_look_up = !report.stack.empty() && !ending_ && std::filesystem::exists(options_.symbolizer, ignored);
  if (can_look_up) {
    save(report);
    const auto done = symbolize(report.stack, report.maps, options_.symbolizer, kSymbolizeTimeout, &ending_);
    if (!done && !ending_) {
      log::warning("crash report " + report.id + " names no functions: " + done.error().message,
                   {.request_id = ids, .model = report.model, .component = "hosting"});
    }
  }
  report.summary = summary_of(report);
  report.complete = true;
  save(report);
  log::error("crash report " + report.id + ": " + report.summary,
             {.request_id = ids, .model = report.model, .component = "hosting"});
}

}  // namespace berth::hosting
