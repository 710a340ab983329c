// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration reaches the option that it is for: no two values here are the same, and an option
// that is new does not compile until it is named here.
#include "app_options.h"

#include <gmock/gmock.h>

#include "app.h"
#include "app/parsed.h"
#include "http/address.h"

namespace berth {
namespace {

using namespace std::chrono_literals;
using test::parsed;
using testing::ElementsAre;

TEST(AppOptions, OfTheNetwork) {
  const auto options = net_options(parsed(R"(
server: {ip: 127.0.0.7, port: 5017, io_threads: 3, trusted_proxies: [127.0.0.1, "fd00::/8"]}
limits:
  max_header_bytes: 8001
  max_header_fields: 82
  max_target_bytes: 4003
  max_body_bytes: 7000004
  max_body_bytes_in_memory: 9000005
  max_connections: 86
  max_requests_in_flight: 87
  max_pipelined: 8
  header_timeout: 89ms
  min_body_bytes_per_second: 90
  body_grace: 91ms
  idle_timeout: 92ms
  write_stall_timeout: 93ms
  linger_timeout: 94ms
)"));
  ASSERT_TRUE(options) << options.error().message;
  const auto& [ip, port, io_threads, limits, trusted_proxies] = *options;
  EXPECT_EQ(ip, "127.0.0.7");
  EXPECT_EQ(port, 5017);
  EXPECT_EQ(io_threads, 3u);
  EXPECT_THAT(trusted_proxies, ElementsAre(http::parse_network("127.0.0.1"), http::parse_network("fd00::/8")));
  const auto& [header_bytes, header_fields, target_bytes, body_bytes, body_bytes_in_memory, connections, in_flight,
               pipelined, header_timeout, bytes_per_second, body_grace, idle, write_stall, linger] = limits;
  EXPECT_EQ(header_bytes, 8001u);
  EXPECT_EQ(header_fields, 82u);
  EXPECT_EQ(target_bytes, 4003u);
  EXPECT_EQ(body_bytes, 7000004u);
  EXPECT_EQ(body_bytes_in_memory, 9000005u);
  EXPECT_EQ(connections, 86u);
  EXPECT_EQ(in_flight, 87u);
  EXPECT_EQ(pipelined, 8u);
  EXPECT_EQ(header_timeout, 89ms);
  EXPECT_EQ(bytes_per_second, 90u);
  EXPECT_EQ(body_grace, 91ms);
  EXPECT_EQ(idle, 92ms);
  EXPECT_EQ(write_stall, 93ms);
  EXPECT_EQ(linger, 94ms);
}

TEST(AppOptions, BeyondLoopbackOnlyWhereItIsAllowed) {
  const auto refused = net_options(parsed("server: {ip: 0.0.0.0}"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::forbidden);
  for (const auto* anonymous : {"allowed", "refused"}) {
    EXPECT_TRUE(net_options(parsed(std::string("server: {ip: 0.0.0.0, anonymous: ").append(anonymous).append("}"))));
  }
}

TEST(AppOptions, OfTrustedProxiesThatAreNoAddresses) {
  const auto refused = net_options(parsed("server: {trusted_proxies: [127.0.0.1, proxy.example]}"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid_argument);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("server.trusted_proxies: \"proxy.example\""));
}

TEST(AppOptions, OfBodies) {
  const auto options = body_limits(
      parsed("limits: {max_parts: 11, max_part_header_bytes: 2012, max_form_fields: 13, max_json_bytes: 1400000, "
             "max_json_values: 15000}"));
  const auto& [multipart, form_fields, json_bytes, json_values] = options;
  EXPECT_EQ(multipart.max_parts, 11u);
  EXPECT_EQ(multipart.max_part_header_bytes, 2012u);
  EXPECT_EQ(form_fields, 13u);
  EXPECT_EQ(json_bytes, 1400000u);
  EXPECT_EQ(json_values, 15000u);
}

TEST(AppOptions, OfFetching) {
  const auto options = fetch_options(parsed(R"(
fetch:
  allow: [10.1.0.0/16, "127.0.0.1:8000"]
  deny: [10.1.2.3]
  only_allowed: true
  max_bytes: 5000001
  max_redirects: 2
  max_at_once: 7
  max_queue: 34
  connect_timeout: 35ms
  total_timeout: 36ms
  min_bytes_per_second: 37
  low_speed_time: 3800ms
)"));
  const auto& [rules, bytes, redirects, at_once, queue, connect, total, rate, low_speed] = options;
  EXPECT_THAT(rules.allow, ElementsAre("10.1.0.0/16", "127.0.0.1:8000"));
  EXPECT_THAT(rules.deny, ElementsAre("10.1.2.3"));
  EXPECT_TRUE(rules.only_allowed);
  EXPECT_EQ(bytes, 5000001u);
  EXPECT_EQ(redirects, 2u);
  EXPECT_EQ(at_once, 7u);
  EXPECT_EQ(queue, 34u);
  EXPECT_EQ(connect, 35ms);
  EXPECT_EQ(total, 36ms);
  EXPECT_EQ(rate, 37u);
  EXPECT_EQ(low_speed, 4s) << "whole seconds, and never sooner than was asked";
}

TEST(AppOptions, OfTrainingsAndCrashes) {
  const auto config = parsed(R"(
server: {state_dir: /state}
trainings: {max_running: 2, max_finished: 43, max_finished_bytes: 4400000, stop_grace: 45ms}
crashes: {keep_input: true, max_reports: 46, max_bytes: 4700000}
)");
  const auto& [running, grace] = trainings_options(config);
  EXPECT_EQ(running, 2u);
  EXPECT_EQ(grace, 45ms);
  const auto& [finished, finished_bytes] = journal_limits(config);
  EXPECT_EQ(finished, 43u);
  EXPECT_EQ(finished_bytes, 4400000u);
  const auto& [folder, limits, keep_input, symbolizer] = crash_options(config);
  EXPECT_EQ(folder, "/state/crashes");
  EXPECT_EQ(limits.max_reports, 46u);
  EXPECT_EQ(limits.max_bytes, 4700000u);
  EXPECT_TRUE(keep_input);
  EXPECT_EQ(symbolizer.filename(), "berth-symbolize");
  EXPECT_EQ(crash_options({}).folder, "") << "without a state folder nothing outlives the run";
}

TEST(AppOptions, OfRecords) {
  const auto config = parsed(R"(
records:
  media_dir: /media
  max_age: 7200001ms
  max_bytes: 8100000
  max_waiting: 82
  max_waiting_bytes: 8300000
)");
  Loop* const loop = nullptr;
  const auto options = records_options(config, {loop, loop});
  const auto& [loops, waiting, waiting_bytes, media, age, bytes, sweep_every] = options;
  EXPECT_EQ(loops.size(), 2u);
  EXPECT_EQ(waiting, 82u);
  EXPECT_EQ(waiting_bytes, 8300000u);
  EXPECT_EQ(media, "/media");
  EXPECT_EQ(age, 7201s) << "whole seconds, and never sooner than was asked";
  EXPECT_EQ(bytes, 8100000u);
  EXPECT_EQ(sweep_every, records::Options{}.sweep_every) << "is nobody's to choose";
  EXPECT_EQ(records_options({}, {}).media_folder, "");
}

TEST(AppOptions, OfTheRecorder) {
  const auto options = recorder_options(parsed(R"(
records: {redact: [SSN, diagnosis], max_text_bytes: 8400, max_waiting: 85, max_waiting_bytes: 8600000}
defaults: {records: durable}
models:
  digits: {records: async}
  faces: {records: off}
  birds: {}
)"));
  const auto& [mode_of, text, waiting, waiting_bytes] = options;
  EXPECT_EQ(mode_of("digits"), records::Mode::async);
  EXPECT_EQ(mode_of("faces"), records::Mode::off);
  EXPECT_EQ(mode_of("birds"), records::Mode::durable);
  EXPECT_EQ(mode_of("any"), records::Mode::durable);
  const auto& [redacted, text_bytes] = text;
  EXPECT_THAT(redacted, testing::IsSupersetOf({"password", "api_key", "ssn", "diagnosis"}));
  EXPECT_EQ(text_bytes, 8400u);
  EXPECT_EQ(waiting, 85u);
  EXPECT_EQ(waiting_bytes, 8600000u);
}

TEST(AppOptions, OfTheRegistry) {
  const auto options = registry_options(parsed(R"(
server:
  models_dir: /models
  plugins_dirs: [/plugins/one, /plugins/two]
  scratch_dir: /scratch
  state_dir: /state
  watch_settle: 51ms
  describe_timeout: 5200ms
defaults: {versions: latest 3}
models:
  digits: {versions: "4, 2"}
  faces: {versions: all}
)"));
  EXPECT_EQ(options.models_dir, "/models");
  EXPECT_THAT(options.plugins_dirs, ElementsAre("/plugins/one", "/plugins/two"));
  EXPECT_EQ(options.scratch_dir, "/scratch/berth");
  EXPECT_EQ(options.rollouts_dir, "/state/rollouts");
  EXPECT_EQ(options.settle, 51ms);
  EXPECT_EQ(options.max_describe_seconds, 6u);
  EXPECT_TRUE(options.self_test);
  EXPECT_EQ(options.versions("any"), (hosting::VersionPolicy{.latest = 3, .listed = {}}));
  EXPECT_THAT(options.versions("digits").listed, testing::UnorderedElementsAre("4", "2"));
  EXPECT_EQ(options.versions("faces").latest, 0u);
  EXPECT_EQ(registry_options({}).scratch_dir, "");
  EXPECT_EQ(registry_options({}).rollouts_dir, "");
}

class ServingOptions : public testing::Test {
 protected:
  const hosting::ServingOptions options_ = registry_options(parsed(R"(
models:
  digits:
    workers: 2
    threads_per_worker: 3
    fork_server: false
    max_queue: 64
    max_batch: 5
    max_batch_delay: 66ms
    call_timeout: 67ms
    queue_timeout: 68ms
    load_timeout: 69ms
    max_input_bytes: 7000000
    max_output_bytes: 7100000
    spin_us: 72
    restart_delay_min: 73ms
    restart_delay_max: 74ms
    max_memory_bytes: 750000000
    max_cpu_per_call: 76ms
    max_threads: 77
    max_open_files: 780
    max_scratch_bytes: 79000000
    confinement: required
    network: true
    processes: false
    allow_read: [/read]
    allow_write: [/write/1, /write/2]
)"))
                                               .serving("digits");
};

TEST_F(ServingOptions, OfAModelInTheConfiguration) {
  const auto& [workers, threads, fork_server, queue, batch, batch_delay, call, queue_timeout, load, input, output, spin,
               delay_min, delay_max, limits, permissions] = options_;
  EXPECT_EQ(workers, 2u);
  EXPECT_EQ(threads, 3u);
  EXPECT_FALSE(fork_server);
  EXPECT_EQ(queue, 64u);
  EXPECT_EQ(batch, 5u);
  EXPECT_EQ(batch_delay, 66ms);
  EXPECT_EQ(call, 67ms);
  EXPECT_EQ(queue_timeout, 68ms);
  EXPECT_EQ(load, 69ms);
  EXPECT_EQ(input, 7000000u);
  EXPECT_EQ(output, 7100000u);
  EXPECT_EQ(spin, 72us);
  EXPECT_EQ(delay_min, 73ms);
  EXPECT_EQ(delay_max, 74ms);
}

TEST_F(ServingOptions, WithTheLimitsOfItsWorkers) {
  const auto& [memory, cpu, threads, files, scratch] = options_.limits;
  EXPECT_EQ(memory, 750000000u);
  EXPECT_EQ(cpu, 76ms);
  EXPECT_EQ(threads, 77u);
  EXPECT_EQ(files, 780u);
  EXPECT_EQ(scratch, 79000000u);
}

TEST_F(ServingOptions, WithTheirPermissions) {
  const auto& [confinement, network, processes, read, write] = options_.permissions;
  EXPECT_EQ(confinement, worker::Mode::required);
  EXPECT_TRUE(network);
  EXPECT_FALSE(processes);
  EXPECT_THAT(read, ElementsAre("/read"));
  EXPECT_THAT(write, ElementsAre("/write/1", "/write/2"));
  const auto other = registry_options(parsed("defaults: {confinement: off, processes: true}")).serving("any");
  EXPECT_EQ(other.permissions.confinement, worker::Mode::off);
  EXPECT_FALSE(other.permissions.network);
  EXPECT_TRUE(other.permissions.processes);
  EXPECT_EQ(registry_options({}).serving("any").permissions.confinement, worker::Mode::on);
}

}  // namespace
}  // namespace berth
