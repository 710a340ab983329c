// SPDX-License-Identifier: Apache-2.0
#include "berth/arg_specs.h"

#include <gtest/gtest.h>

namespace berth::test {
namespace {

TEST(ArgSpecs, WritesTheAgreedJson) {
  const ArgSpecs specs = {
      Arg("top_k").integer().default_value(5).range(1, 100).help("how many labels to return"),
      Arg("threshold").number().default_value(0.0).range(0, 0.5).strict(),
      Arg("labels").list(Arg("each").max_length(40)).delimited(),
      Arg("crop").nested({Arg("x").integer().required(), Arg("y").integer()}),
      Arg("accept").source(ArgSource::header).choices({"application/json", "image/png"}).key("Accept"),
      Arg("mask").file(),
      Arg("when").datetime().nullable(),
      Arg("name").length(2, 5),
  };
  EXPECT_EQ(detail::to_json(specs), Json::parse(R"([
    {"name":"top_k","type":"int","default":5,"min":1,"max":100,"help":"how many labels to return"},
    {"name":"threshold","type":"float","default":0.0,"min":0,"max":0.5,"strict":true},
    {"name":"labels","type":"list","items":{"type":"str","max_length":40},"delimited":true},
    {"name":"crop","type":"nested","fields":[{"name":"x","type":"int","required":true},{"name":"y","type":"int"}]},
    {"name":"accept","type":"str","source":"header","choices":["application/json","image/png"],"key":"Accept"},
    {"name":"mask","type":"file"},
    {"name":"when","type":"datetime","nullable":true},
    {"name":"name","type":"str","min_length":2,"max_length":5}
  ])"));
}

TEST(ArgSpecs, EveryTypeHasItsName) {
  const auto name_of = [](Arg arg) { return arg.json()["type"].get<std::string>(); };
  EXPECT_EQ(name_of(Arg("a")), "str");
  EXPECT_EQ(name_of(Arg("a").text()), "str");
  EXPECT_EQ(name_of(Arg("a").integer()), "int");
  EXPECT_EQ(name_of(Arg("a").number()), "float");
  EXPECT_EQ(name_of(Arg("a").boolean()), "bool");
  EXPECT_EQ(name_of(Arg("a").date()), "date");
  EXPECT_EQ(name_of(Arg("a").datetime()), "datetime");
  EXPECT_EQ(name_of(Arg("a").url()), "url");
  EXPECT_EQ(name_of(Arg("a").uuid()), "uuid");
  EXPECT_EQ(name_of(Arg("a").email()), "email");
  EXPECT_EQ(name_of(Arg("a").list(ArgType::integer)), "list");
  EXPECT_EQ(name_of(Arg("a").dict()), "dict");
  EXPECT_EQ(name_of(Arg("a").nested({})), "nested");
  EXPECT_EQ(name_of(Arg("a").file()), "file");
}

TEST(ArgSpecs, RefusesTheNamesOfTheInputItself) {
  for (const char* name : {"files", "urls"}) {
    try {
      detail::to_json(ArgSpecs{Arg(name)});
      FAIL() << name << " was accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(std::string("'") + name + "' is reserved"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace berth::test
