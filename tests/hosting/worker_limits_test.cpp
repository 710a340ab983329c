// SPDX-License-Identifier: Apache-2.0
// What a hostile model can take of the machine: each limit, tried from inside.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "hosting/prison.h"

namespace berth::hosting {
namespace {

using testing::AnyOf, testing::HasSubstr;

TEST_F(Prison, GivesAnErrorWhereMemoryEnds) {
  if (worker::is_sanitized()) GTEST_SKIP() << "sanitizers need more memory than there is";
  house_.serving.limits.memory_bytes = 256UL << 20;
  load();
  EXPECT_THAT(attempt("memory_hog"), HasSubstr("max_memory_bytes"));
  EXPECT_EQ(model_->status().restarts, 0U);
  EXPECT_EQ(attempt("none"), "done");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, IsReplacedWhereItsSharedMemoryGrowsBeyondItsLimit) {
  house_.serving.limits.memory_bytes = 256UL << 20;
  load();
  EXPECT_THAT(attempt("shared_memory_hog"), HasSubstr("max_memory_bytes"));
  EXPECT_TRUE(eventually([&] { return model_->status().restarts == 2; }));
  EXPECT_EQ(attempt("none"), "done");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, IsReplacedWhereItTakesTooManyThreads) {
  house_.serving.limits.threads = 64;
  load();
  // The kernel refuses them first where the worker has a user namespace of its own.
  EXPECT_THAT(attempt("thread_bomb"), AnyOf(HasSubstr("max_threads"), "EAGAIN"));
  EXPECT_EQ(attempt("none"), "done");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, OpensNoMoreFilesThanItMay) {
  house_.serving.limits.open_files = 256;
  load();
  EXPECT_EQ(attempt("file_hog"), "EMFILE");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, WritesNoLargerFilesThanItMay) {
  house_.serving.limits.scratch_bytes = 8UL << 20;
  load();
  EXPECT_EQ(attempt("large_file", "SCRATCH"), "EFBIG");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, IsReplacedWhereItFillsItsScratchFolder) {
  house_.serving.limits.scratch_bytes = 8UL << 20;
  load();
  EXPECT_THAT(attempt("many_files", "SCRATCH"), HasSubstr("max_scratch_bytes"));
  EXPECT_EQ(attempt("write", "SCRATCH/file"), "done");
  EXPECT_TRUE(is_whole());
}

TEST_F(Prison, IsReplacedWhereItsScratchFolderCannotBeSeenThrough) {
  load();
  EXPECT_THAT(attempt("dig", "SCRATCH"), HasSubstr("max_scratch_bytes"));
  EXPECT_EQ(attempt("none"), "done");
  EXPECT_TRUE(is_whole());
  // Of the two workers that dug, nothing is left.
  EXPECT_TRUE(eventually([&] {
    const auto entries = std::filesystem::directory_iterator(house_.folder / "scratch");
    return std::ranges::all_of(entries, [](const auto& entry) {
      std::error_code gone;
      return entry.path().filename() == "libraries" || std::filesystem::is_empty(entry, gone) || gone;
    });
  }));
}

TEST_F(Prison, IsReplacedWhereACallTakesTooMuchProcessorTime) {
  house_.serving.limits.cpu_per_call = 500ms;
  load();
  const auto outcome = ask(model_, args("burn", ""));
  ASSERT_FALSE(outcome.output);
  EXPECT_EQ(outcome.output.error().code, Code::timeout);
  EXPECT_THAT(outcome.output.error().message, HasSubstr("max_cpu_per_call"));
  EXPECT_EQ(attempt("none"), "done");
  EXPECT_EQ(model_->status().restarts, 1U);
  EXPECT_TRUE(is_whole());
}

}  // namespace
}  // namespace berth::hosting
