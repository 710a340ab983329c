// SPDX-License-Identifier: Apache-2.0
#include "store/database_url.h"

#include <gtest/gtest.h>

namespace berth::store {
namespace {

TEST(DatabaseUrl, NamesAFileOrAServer) {
  EXPECT_EQ(parse_database_url("sqlite:/var/lib/berth/berth.db")->file, "/var/lib/berth/berth.db");
  const auto server = parse_database_url("postgresql://berth@db.example/berth?sslmode=require");
  EXPECT_EQ(server->kind, DatabaseKind::postgresql);
  EXPECT_EQ(server->connection, "postgresql://berth@db.example/berth?sslmode=require");
  EXPECT_EQ(parse_database_url("postgres://db/berth")->kind, DatabaseKind::postgresql);
}

TEST(DatabaseUrl, ThatIsNoneIsToldWhichFormsThereAre) {
  for (const auto* url : {"", "sqlite:", "mysql://root@db/berth", "/var/lib/berth.db"}) {
    const auto parsed = parse_database_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, Code::invalid_argument);
    EXPECT_NE(parsed.error().message.find("sqlite:FILE"), std::string::npos);
  }
  EXPECT_EQ(parse_database_url("mysql://root:hunter2@db/x").error().message.find("hunter2"), std::string::npos);
}

TEST(DatabaseUrl, IsShownWithoutPasswords) {
  EXPECT_EQ(without_password("postgresql://berth:s3:cr@t@db/berth"), "postgresql://berth:***@db/berth");
  EXPECT_EQ(without_password("postgresql://db:5432/berth"), "postgresql://db:5432/berth");
  EXPECT_EQ(without_password("postgresql://db/berth?password=x&user=y"), "postgresql://db/berth?password=***&user=y");
  EXPECT_EQ(without_password("postgresql://db/berth?user=y&password=x"), "postgresql://db/berth?user=y&password=***");
  EXPECT_EQ(without_password("sqlite:/a/b.db"), "sqlite:/a/b.db");
}

}  // namespace
}  // namespace berth::store
