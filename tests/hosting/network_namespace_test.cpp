// SPDX-License-Identifier: Apache-2.0
// The second wall between a worker and networks, behind the filter of its system calls: it is in none of the server's.
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosting/prison.h"

namespace berth::hosting {
namespace {

// Whether a process here may make itself a network of its own, by either of the ways there are.
bool may_leave_network() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 1);
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

std::string network_of(const std::string& process) {
  return std::filesystem::read_symlink("/proc/" + process + "/ns/net").string();
}

TEST_F(Prison, IsInANetworkOfItsOwn) {
  if (!may_leave_network()) GTEST_SKIP() << "nobody here may have a network namespace of their own";
  load();
  EXPECT_THAT(model_->description()->walls, testing::HasSubstr("network namespace"));
  const auto worker = network_of(std::to_string(model_->status().workers.at(0).pid));
  EXPECT_NE(worker, network_of("self"));
  EXPECT_NE(worker, network_of(std::to_string(house_.model("victim")->status().workers.at(0).pid)));
}

TEST_F(Prison, IsInTheServersNetworkWhereTheOperatorSaysSo) {
  house_.serving.permissions.network = true;
  load();
  EXPECT_EQ(network_of(std::to_string(model_->status().workers.at(0).pid)), network_of("self"));
}

}  // namespace
}  // namespace berth::hosting
