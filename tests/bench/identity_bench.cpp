// SPDX-License-Identifier: Apache-2.0
// What it takes to tell who calls, by an API key and by a token.
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "bench/benches.h"
#include "bench/load.h"
#include "identity/gate.h"
#include "store/database.h"
#include "support/temp_folder.h"

namespace berth::bench {

namespace {

using Clock = std::chrono::steady_clock;

template <typename T, typename Ask>
Result<T> wait(Ask ask) {
  std::promise<Result<T>> told;
  ask([&told](Result<T> answer) { told.set_value(std::move(answer)); });
  return told.get_future().get();
}

// Microseconds of each check, the median of many.
template <typename Check>
double microseconds(std::size_t count, Check check) {
  std::vector<double> taken;
  for (std::size_t i = 0; i < count; ++i) {
    const auto began = Clock::now();
    check(i);
    taken.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  return median(std::move(taken));
}

}  // namespace

void bench_identity(Table& table, const Effort& effort) {
  const test::TempFolder folder;
  const auto database = store::Database::open({.url = "sqlite:" + (folder / "berth.db").string()});
  if (!database) return;
  identity::Accounts::Options options;
  options.cost = {.memory_bytes = 8192, .passes = 1};
  auto accounts = std::make_unique<identity::Accounts>(**database, std::move(options));
  if (!accounts->load()) return;
  const auto user = wait<identity::User>([&](auto done) {
    accounts->add_user({.username = "ada", .role = identity::Role::user}, {.name = "root"}, done);
  });
  const auto key =
      wait<identity::NewKey>([&](auto done) { accounts->add_key(user->id, {.name = "k"}, {.name = "root"}, done); });
  identity::Gate gate(std::move(accounts), *identity::Tokens::create({std::string(32, 'k')}), {});
  const auto count = static_cast<std::size_t>(effort.rounds) * 2000;
  const auto check = [&gate](const std::string& authorization) {
    (void)gate.identify({.authorization = authorization, .address = "192.0.2.1"});
  };
  const auto by_key = microseconds(count, [&](std::size_t) { check("Bearer " + key->secret); });
  const auto principal = gate.identify(key->secret, "192.0.2.1");
  if (!principal) return;
  // A token for each deployment is another token: none of them was seen before.
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < count; ++i) {
    tokens.push_back("Bearer " + gate.issue_token(*principal, std::to_string(i)).value_or(""));
  }
  const auto by_new_token = microseconds(count, [&](std::size_t i) { check(tokens[i]); });
  const auto by_token = microseconds(count, [&](std::size_t) { check(tokens.front()); });
  const auto row = [&table](const char* what, double taken) {
    table.add({what, with_unit(taken, 2, "µs"), "", "", "≤ 10 µs"});
  };
  row("who calls, by an API key, p50", by_key);
  row("who calls, by a token that was not seen before, p50", by_new_token);
  row("who calls, by the same token again, p50", by_token);
}

}  // namespace berth::bench
