// SPDX-License-Identifier: Apache-2.0
#include "berth/host.h"

#include <gtest/gtest.h>

#include "recording_host.h"
#include "support/temp_folder.h"

namespace berth::test {
namespace {

TEST(Host, LogsAndCounts) {
  RecordingHost recording;
  const Host host(recording.raw());
  host.debug("a");
  host.info("b");
  host.warning("c");
  host.error("d");
  host.count("seen");
  host.count("seen", 2);
  host.gauge("depth", 0.5);
  EXPECT_EQ(recording.logs, (std::vector<std::string>{"1 a", "2 b", "3 c", "4 d"}));
  EXPECT_EQ(recording.metrics, (std::vector<std::string>{"counter seen 1.0", "counter seen 2.0", "gauge depth 0.5"}));
  EXPECT_EQ(host.scratch_folder(), std::filesystem::temp_directory_path());
}

TEST(Host, FetchesAFileThatOutlivesTheFetch) {
  RecordingHost recording;
  recording.fetch = [](const std::string& url, const berth_result* result) {
    const std::string body = "body of " + url;
    result->file(result, detail::to_abi("text/plain"), detail::to_abi("x.txt"), body.data(), body.size());
  };
  const File file = Host(recording.raw()).fetch("http://a/");
  EXPECT_EQ(file.bytes(), "body of http://a/");
  EXPECT_EQ(file.content_type(), "text/plain");
  EXPECT_EQ(file.name(), "x.txt");
}

TEST(Host, ARefusedFetchThrowsTheStatus) {
  RecordingHost recording;
  recording.fetch = [](const std::string&, const berth_result* result) {
    result->error(result, 403, detail::to_abi("not that one"));
  };
  try {
    Host(recording.raw()).fetch("http://a/");
    FAIL() << "it was fetched";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), 403);
    EXPECT_STREQ(error.what(), "not that one");
  }
}

TEST(Host, AFetchWithoutAFileIsAnError) {
  RecordingHost recording;
  recording.fetch = [](const std::string&, const berth_result*) {};
  EXPECT_THROW(Host(recording.raw()).fetch("http://a/"), Error);
  recording.fetch = [](const std::string&, const berth_result* result) { result->text(result, detail::to_abi("x")); };
  EXPECT_THROW(Host(recording.raw()).fetch("http://a/"), Error);
}

TEST(Host, WithoutAServerItDropsWhatItIsTold) {
  const Host host;
  host.info("nobody listens");
  host.progress(0.5);
  host.count("calls");
  EXPECT_FALSE(host.stop_requested());
  EXPECT_TRUE(std::filesystem::is_directory(host.scratch_folder()));
  EXPECT_THROW(host.fetch("http://a/"), Error);
  EXPECT_THROW(host.new_package(), Error);
  EXPECT_THROW(host.data_file("a.csv"), Error);
}

TEST(Host, TellsWhereATrainingWritesAndReads) {
  const TempFolder folder;
  const auto file = folder.write("data/deep/a.csv", "a,b\n");
  const RecordingHost recording(folder / "new", folder / "data");
  const Host host(recording.raw());
  EXPECT_EQ(host.new_package(), folder / "new");
  EXPECT_EQ(host.data_file("deep/a.csv"), std::filesystem::canonical(file));
}

TEST(Host, NoDataFileLiesBeyondTheFolder) {
  const TempFolder folder;
  folder.write("data/a.csv", "a");
  const auto secret = folder.write("data-secret/b.csv", "b");
  std::filesystem::create_symlink(secret, folder / "data/link.csv");
  std::filesystem::create_symlink("a.csv", folder / "data/inner.csv");
  const RecordingHost recording({}, folder / "data");
  const Host host(recording.raw());
  for (const auto& path : {secret.string(), std::string("../data-secret/b.csv"), std::string("link.csv"),
                           std::string("missing.csv"), std::string(), std::string("."), std::string("x/../a.csv")}) {
    EXPECT_THROW(host.data_file(path), Error) << path;
  }
  EXPECT_NO_THROW(host.data_file("inner.csv"));
  EXPECT_THROW(host.new_package(), Error);
}

TEST(Host, OfAnOlderServerHasNoFoldersOfTrainings) {
  RecordingHost recording("/new", "/data");
  recording.become_old();
  EXPECT_THROW(Host(recording.raw()).new_package(), Error);
  EXPECT_THROW(Host(recording.raw()).data_file("a.csv"), Error);
}

}  // namespace
}  // namespace berth::test
