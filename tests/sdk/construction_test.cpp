// SPDX-License-Identifier: Apache-2.0
// How a model is made: from nothing, a host, a package; and what its failure tells.
#include <gtest/gtest.h>

#include "recording_host.h"

namespace berth::test {
namespace {

class Base : public BaseModel {
 public:
  Metadata get_metadata() const override { return {.name = "base"}; }
  Response predict_data(const Args&) override { return Json(made_from_); }

 protected:
  std::string made_from_ = "nothing";
};
class FromNothing : public Base {};
class FromHost : public Base {
 public:
  explicit FromHost(const Host& host) {
    made_from_ = "host";
    host.info("made");
  }
};
class FromPackage : public Base {
 public:
  explicit FromPackage(const Package& package) : package_(package) {  // a reference stays valid
    made_from_ = package.name() + "/" + package.version() + " " + package.config().dump();
  }
  Response predict_data(const Args&) override { return Json(made_from_ + " " + package_.path().string()); }

 private:
  const Package& package_;
};
class FromEither : public Base {
 public:
  FromEither() = default;
  FromEither(const Package& package, const Host&) { made_from_ = package.name(); }
};
class Throwing : public Base {
 public:
  Throwing() { throw Error(503, "no weights"); }
};
class ThrowingInt : public Base {
 public:
  ThrowingInt() { throw 42; }
};

berth_package raw_package() {
  berth_package raw{};
  raw.size = sizeof raw;
  raw.name = detail::to_abi("digits");
  raw.version = detail::to_abi("3");
  raw.path = detail::to_abi("/models/digits/3");
  raw.config_json = detail::to_abi(R"({"top_k":5})");
  return raw;
}

std::string answer_of(Loaded& model) {
  Outcome outcome;
  model.predict(outcome);
  return outcome.json().get<std::string>();
}

TEST(Construction, TheConstructorSaysWhetherAPackageIsNeeded) {
  EXPECT_EQ(type_of<FromNothing>().needs_package, 0u);
  EXPECT_EQ(type_of<FromHost>().needs_package, 0u);
  EXPECT_EQ(type_of<FromPackage>().needs_package, 1u);
  EXPECT_EQ(type_of<FromEither>().needs_package, 0u);
}

TEST(Construction, FromNothing) {
  Loaded model(type_of<FromNothing>());
  EXPECT_EQ(answer_of(model), "nothing");
}

TEST(Construction, TheHostWorksInTheConstructor) {
  Loaded model(type_of<FromHost>());
  EXPECT_EQ(answer_of(model), "host");
  EXPECT_EQ(model.host.logs, std::vector<std::string>{"2 made"});
}

TEST(Construction, ThePackageOutlivesTheConstructor) {
  std::unique_ptr<Loaded> model;
  {
    const berth_package raw = raw_package();
    model = std::make_unique<Loaded>(type_of<FromPackage>(), &raw);
  }
  EXPECT_EQ(answer_of(*model), R"(digits/3 {"top_k":5} /models/digits/3)");
}

TEST(Construction, AMissingPackageIsAnError) {
  Loaded model(type_of<FromPackage>());
  EXPECT_FALSE(model.made());
  EXPECT_EQ(model.created.status, 0);
  EXPECT_NE(model.created.body.find("package"), std::string::npos);
}

TEST(Construction, APackageIsTakenWhereThereIsOne) {
  Loaded without(type_of<FromEither>());
  EXPECT_EQ(answer_of(without), "nothing");
  const berth_package raw = raw_package();
  Loaded with(type_of<FromEither>(), &raw);
  EXPECT_EQ(answer_of(with), "digits");
}

TEST(Construction, FailureIsToldAndNothingIsMade) {
  Loaded model(type_of<Throwing>());
  EXPECT_FALSE(model.made());
  EXPECT_EQ(model.created.status, 503);
  EXPECT_EQ(model.created.body, "no weights");
  Loaded other(type_of<ThrowingInt>());
  EXPECT_FALSE(other.made());
  EXPECT_EQ(other.created.kind, "error");
}

TEST(Package, FindsItsFilesAndNamesAMissingOne) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");  // a file that is there
  const Package package("digits", "1", program.parent_path(), Json::object());
  EXPECT_EQ(package.file(program.filename().string()), program);
  try {
    package.file("weights.pt");
    FAIL() << "a file that is not there was found";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("weights.pt"), std::string::npos);
  }
}

}  // namespace
}  // namespace berth::test
