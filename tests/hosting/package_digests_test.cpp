// SPDX-License-Identifier: Apache-2.0
// Files that are not those of their package, as the registry meets them.
#include <gmock/gmock.h>

#include "hosting/house.h"
#include "packages/pack.h"
#include "packages/unpack.h"

namespace berth::hosting {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kWhite = "21d0e3df3a54a2294d6b3c6a3bcf57dcb0c3c95a9f9b0c23f9a3f7b5d3a4f6b1";

TEST(PackageDigests, OfAnotherFileMakeTheModelUnavailableAndNameIt) {
  House house;
  house.folder.write("models/white/1/model.yaml",
                     std::string("plugin: packaged\nlabels: labels.txt\nsha256:\n  labels.txt: ").append(kWhite));
  house.folder.write("models/white/1/labels.txt", "black");
  house.folder.write("models/gone/1/model.yaml",
                     std::string("plugin: packaged\nsha256: {weights.pt: ").append(kWhite).append("}\n"));
  house.folder.write("models/plain/1/model.yaml", "plugin: packaged\n");
  house.load({"packaged"});
  const auto white = house.listing("white").status;
  EXPECT_EQ(white.state, State::unavailable);
  EXPECT_THAT(white.reason,
              AllOf(HasSubstr("\"labels.txt\" is not the file that model.yaml names"), HasSubstr(kWhite)));
  EXPECT_THAT(house.listing("gone").status.reason, HasSubstr("\"weights.pt\": there is no such file"));
  EXPECT_EQ(house.listing("plain").status.state, State::ready);
}

TEST(PackageDigests, OfTheFilesThatCameOutOfAnArchiveHoldUntilOneChanges) {
  House house;
  house.folder.write("in/model.yaml", "plugin: packaged\nlabels: labels.txt\n");
  house.folder.write("in/labels.txt", "white");
  std::filesystem::create_directories(house.folder / "models");
  for (const auto* version : {"1", "2"}) {
    const auto archive = house.folder / (std::string("m-").append(version));
    ASSERT_TRUE(packages::pack(house.folder / "in", {"m", version, "packaged", ""}, archive));
    ASSERT_TRUE(packages::unpack(archive, house.folder / "models"));
  }
  house.folder.write("models/m/2/labels.txt", "whitf");
  house.load({"packaged"});
  EXPECT_EQ(house.listing("m", "1").status.state, State::ready);
  const auto changed = house.listing("m", "2").status;
  EXPECT_EQ(changed.state, State::unavailable);
  EXPECT_THAT(changed.reason, HasSubstr("\"labels.txt\" is not the file that berth-manifest.json names"));
}

}  // namespace
}  // namespace berth::hosting
