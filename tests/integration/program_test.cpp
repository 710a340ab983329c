// SPDX-License-Identifier: Apache-2.0
// The program's commands that ask a running server.
#include <gmock/gmock.h>

#include "fixtures.h"
#include "support/command.h"

namespace berth::test {
namespace {

using testing::HasSubstr;

TEST(ProgramAtAServer, ListsItsModelsAndAsksThem) {
  const ServerProcess server({.plugins = {plugin("greeter")}});
  const auto berth = [&](const std::string& arguments) {
    return run(("BERTH_API_KEY=" + server.admin_key())
                   .append(" " BERTH_PROGRAM " ")
                   .append(arguments)
                   .append(" --url http://127.0.0.1:")
                   .append(std::to_string(server.port())));
  };
  const auto list = berth("ls");
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.output, testing::AllOf(HasSubstr("greeter"), HasSubstr("ready"), HasSubstr("1 idle")));
  const auto greeting = berth("predict greeter name=World");
  EXPECT_EQ(greeting.code, 0);
  EXPECT_THAT(greeting.output, HasSubstr("Hello World"));
  const auto nobody = berth("predict nobody x=1 2>&1");
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.output, HasSubstr("404"));
}

// A state folder of the caller's own, in which another server has left its admin's key, or this one.
TEST(ProgramAtAServer, GuessesAKeyOnlyWhereTheServerAsksForOne) {
  const ServerProcess server({.plugins = {plugin("greeter")}});
  const auto berth = [&](const std::string& key, const std::string& arguments) {
    const TempFolder state;
    std::filesystem::permissions(state.write("berth/admin.key", key), std::filesystem::perms(0600));
    return run(("env -u BERTH_API_KEY -u STATE_DIRECTORY XDG_STATE_HOME=" + state.path().string())
                   .append(" " BERTH_PROGRAM " ")
                   .append(arguments)
                   .append(" --url http://127.0.0.1:")
                   .append(std::to_string(server.port()))
                   .append(" 2>&1"));
  };
  const std::string another = "berth_of_another_server";
  const auto greeting = berth(another, "predict greeter name=World");
  EXPECT_EQ(greeting.code, 0) << greeting.output;
  EXPECT_THAT(greeting.output, HasSubstr("Hello World"));
  EXPECT_EQ(berth(another, "ls").code, 1);
  const auto list = berth(server.admin_key(), "ls");
  EXPECT_EQ(list.code, 0) << list.output;
  EXPECT_THAT(list.output, HasSubstr("greeter"));
}

}  // namespace
}  // namespace berth::test
