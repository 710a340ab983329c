// SPDX-License-Identifier: Apache-2.0
#include "cli/model_table.h"

#include <gmock/gmock.h>

namespace berth::cli {
namespace {

TEST(ModelTable, ShowsWhatTheServerSays) {
  const auto table = format_models(R"([
    {"name":"digits","version":"1","plugin":"/p/image_classifier.so","state":"ready","reason":"",
     "methods":["predict_data","predict_url"],"queued":2,"restarts":0,
     "workers":[{"pid":1,"state":"idle","calls":3},{"pid":2,"state":"busy","calls":1},{"pid":3,"state":"idle","calls":0}]},
    {"name":"broken","version":"2","plugin":"","state":"unavailable","reason":"no such plugin","methods":[],
     "queued":0,"restarts":4,"workers":[]}])");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(
      *table,
      "MODEL   VERSION  STATE        METHODS                    WORKERS         QUEUED  RESTARTS  PLUGIN               "
      "REASON\n"
      "digits  1        ready        predict_data, predict_url  2 idle, 1 busy  2       0         image_classifier.so\n"
      "broken  2        unavailable                             none            0       4                              "
      "no such plugin\n");
}

TEST(ModelTable, SaysThatThereIsNothing) { EXPECT_EQ(*format_models("[]"), "no models\n"); }

TEST(ModelTable, RefusesWhatIsNoListOfModels) {
  for (const auto* text : {"", "{}", "<html>", "[1"}) EXPECT_FALSE(format_models(text)) << text;
  EXPECT_TRUE(format_models("[{}, 1]"));
}

}  // namespace
}  // namespace berth::cli
