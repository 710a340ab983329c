// SPDX-License-Identifier: Apache-2.0
#include "hosting/crash_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"

namespace berth::hosting {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxReportBytes = 4UL * 1024 * 1024;  // far above what is ever written

// A report that a power cut takes is not worth waiting for the disk.
constexpr WriteOptions kForOurUser{.mode = 0600, .durable = false};

// In the order of their names; none of a folder that is not there, or goes meanwhile.
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    files.push_back(file->path());
  }
  std::ranges::sort(files);
  return files;
}

std::size_t bytes_in(const fs::path& folder) {
  std::size_t bytes = 0;
  for (const auto& file : files_in(folder)) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) bytes += size;
  }
  return bytes;
}

}  // namespace

fs::path CrashStore::report_file(std::string_view id) const { return folder_ / std::string(id).append(".json"); }
fs::path CrashStore::input_folder(std::string_view id) const { return folder_ / std::string(id).append(".input"); }

Result<std::unique_ptr<CrashStore>> CrashStore::open(fs::path folder, Limits limits) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure(Code::unavailable, "cannot make the folder " + folder.string() + ": " + std::strerror(errno));
  }
  std::unique_ptr<CrashStore> store(new CrashStore(std::move(folder), limits));
  store->read_folder();
  return store;
}

void CrashStore::read_folder() {
  std::map<std::string, Kept, std::less<>> found;
  for (const auto& file : files_in(folder_)) {
    const auto id = file.stem().string();
    std::error_code ignored;
    // A server was killed while it wrote this.
    if (file.extension() == ".new" && is_crash_id(file.stem().stem().string())) fs::remove(file, ignored);
    if (!is_crash_id(id)) continue;
    if (file.extension() == ".input") found[id].input_bytes = bytes_in(file);
    if (file.extension() != ".json") continue;
    const auto text = read_file(file, kMaxReportBytes);
    const auto document = text ? json::parse(*text) : failure(text.error());
    if (!document || !document->IsObject()) {
      log::warning("the crash report " + file.string() + " cannot be read, and is removed", {.component = "hosting"});
      fs::remove(file, ignored);
      continue;
    }
    auto& kept = found[id];
    kept.report_bytes = text->size();
    kept.entry = {id, json::text_at(*document, "time"), json::text_at(*document, "model"),
                  json::text_at(*document, "version"), json::text_at(*document, "summary")};
  }
  {
    const Lock lock(mutex_);
    kept_ = std::move(found);
  }
  drop_oldest();
}

std::vector<std::string> CrashStore::take_oldest() {
  const Lock lock(mutex_);
  std::vector<std::string> taken;
  std::size_t bytes = 0;
  for (const auto& [id, kept] : kept_) bytes += kept.report_bytes + kept.input_bytes;
  while (kept_.size() > 1 && (kept_.size() > limits_.max_reports || bytes > limits_.max_bytes)) {
    const auto oldest = kept_.begin();
    bytes -= oldest->second.report_bytes + oldest->second.input_bytes;
    taken.push_back(oldest->first);
    kept_.erase(oldest);
  }
  return taken;
}

void CrashStore::drop_oldest() {
  for (const auto& id : take_oldest()) {
    std::error_code ignored;
    fs::remove(report_file(id), ignored);
    fs::remove_all(input_folder(id), ignored);
  }
}

Result<> CrashStore::save(const CrashReport& report) {
  const auto text = to_json(report) + "\n";
  if (auto written = replace_file(report_file(report.id), text, kForOurUser); !written) return written;
  {
    const Lock lock(mutex_);
    auto& kept = kept_[report.id];
    kept.entry = {report.id, report.time, report.model, report.version, report.summary};
    kept.report_bytes = text.size();
  }
  drop_oldest();
  return {};
}

Result<> CrashStore::save_input(const std::string& id, std::size_t index, const Call& call) {
  std::size_t bytes = 0;
  {
    const Lock lock(mutex_);
    bytes = kept_[id].input_bytes;
  }
  auto done = write_input(id, index, call, bytes);
  {
    const Lock lock(mutex_);
    kept_[id].input_bytes = bytes;
  }
  drop_oldest();
  return done;
}

Result<> CrashStore::write_input(const std::string& id, std::size_t index, const Call& call,
                                 std::size_t& input_bytes) const {
  const auto folder = input_folder(id);
  ::mkdir(folder.c_str(), 0700);
  const auto prefix = std::to_string(index);
  const auto put = [&](const std::string& name, std::string_view bytes) -> Result<> {
    if (input_bytes + bytes.size() > limits_.max_bytes / 2) {
      return failure(Code::too_large, "the input of crash report " + id + " is too large to be kept");
    }
    input_bytes += bytes.size();
    return replace_file(folder / (prefix + "-" + name), bytes, kForOurUser);
  };
  Result<> done = put("args.json", call.args_json);
  // Names that clients chose are no names of files.
  for (std::size_t i = 0; i < call.files.size() && done; ++i) {
    done = put("file-" + std::to_string(i), call.files[i].bytes.view());
  }
  for (std::size_t i = 0; i < call.tensors.size() && done; ++i) {
    done = put("tensor-" + std::to_string(i), call.tensors[i].bytes.view());
  }
  std::string urls;
  for (const auto& url : call.urls) urls.append(url).append("\n");
  if (done && !urls.empty()) done = put("urls", urls);
  return done;
}

std::vector<CrashEntry> CrashStore::list() const {
  const Lock lock(mutex_);
  std::vector<CrashEntry> entries;
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) {
    if (!kept->second.entry.summary.empty()) entries.push_back(kept->second.entry);
  }
  return entries;
}

Result<std::string> CrashStore::get(std::string_view id) const {
  const auto missing = failure(Code::not_found, "there is no crash report of that name");
  if (!is_crash_id(id)) return missing;
  {
    const Lock lock(mutex_);
    if (kept_.find(id) == kept_.end()) return missing;
  }
  // Without the lock: it may be dropped meanwhile, and is not there then.
  const auto text = read_file(report_file(id), kMaxReportBytes);
  auto document = text ? json::parse(*text) : failure(text.error());
  if (!document || !document->IsObject()) return missing;
  auto& allocator = document->GetAllocator();
  json::Value input(rapidjson::kArrayType);
  for (const auto& file : files_in(input_folder(id))) {
    input.PushBack(json::string(file.string(), allocator), allocator);
  }
  document->AddMember("input", input, allocator);
  return json::to_text(*document);
}

}  // namespace berth::hosting
