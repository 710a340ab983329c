// SPDX-License-Identifier: Apache-2.0
// Config: everything an operator can set, as plain values with their defaults; config/berth.yaml explains each.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace berth::config {

using std::chrono::milliseconds;

// Whether those are served who do not say who they are. automatic: programs on this machine, where the server listens
// to nobody else; elsewhere the operator has to say.
enum class Anonymous { automatic, allowed, refused };

// Relative folders in a file are taken from that file's folder.
struct Server {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5000;
  Anonymous anonymous = Anonymous::automatic;
  bool anonymous_training = true;
  std::string base_path;                     // "" or "/x/y"
  std::vector<std::string> trusted_proxies;  // "127.0.0.1", "10.0.0.0/8": believed when they say whom a request is from
  std::size_t io_threads = 1;
  std::filesystem::path models_dir;                 // "": those that came with the program, see installation.h
  std::vector<std::filesystem::path> plugins_dirs;  // empty: likewise
  std::filesystem::path scratch_dir;                // "": one of its own below the system's temporary folder
  std::filesystem::path state_dir;                  // "": nothing outlives the run; `berth serve` has a default
  std::filesystem::path data_dir;                   // "": trainings are given no data but what is uploaded
  milliseconds watch_settle{500};                   // 0: folders are not watched
  milliseconds describe_timeout{20'000};            // for a library to say what it holds
  milliseconds drain_grace{30'000};                 // SIGTERM → closed
  bool operator==(const Server&) const = default;
};

// As net::Limits and http::MultipartLimits, which app.cpp fills from it.
struct Limits {
  std::size_t max_header_bytes = 16UL * 1024;
  std::size_t max_header_fields = 100;
  std::size_t max_target_bytes = 8UL * 1024;
  std::size_t max_body_bytes = 64UL * 1024 * 1024;
  std::size_t max_body_bytes_in_memory = 512UL * 1024 * 1024;
  std::size_t max_connections = 4096;
  std::size_t max_requests_in_flight = 1024;
  std::size_t max_pipelined = 16;
  std::size_t max_parts = 256;
  std::size_t max_part_header_bytes = 8UL * 1024;
  std::size_t max_form_fields = 1024;
  std::size_t max_json_bytes = 16UL * 1024 * 1024;
  std::size_t max_json_values = 1'000'000;
  milliseconds header_timeout{10'000};
  std::size_t min_body_bytes_per_second = 1024;
  milliseconds body_grace{10'000};
  milliseconds idle_timeout{75'000};
  milliseconds write_stall_timeout{30'000};
  milliseconds linger_timeout{2'000};
  bool operator==(const Limits&) const = default;
};

struct Log {
  log::Level level = log::Level::info;
  log::Format format = log::Format::automatic;
  bool operator==(const Log&) const = default;
};

// As identity::Quota: 0 is no limit, of each; but `burst`: as many as in a second.
struct Quota {
  std::size_t requests_per_second = 0;
  std::size_t burst = 0;
  std::size_t requests_per_minute = 0;
  std::size_t requests_per_hour = 0;
  std::size_t requests_per_day = 0;
  std::size_t bytes_per_minute = 0;
  std::size_t bytes_per_hour = 0;
  std::size_t bytes_per_day = 0;
  std::size_t concurrent = 0;
  bool operator==(const Quota&) const = default;
};

struct RoleQuotas {
  Quota viewer;
  Quota user;
  Quota admin;
  bool operator==(const RoleQuotas&) const = default;
};

// As identity::Quotas::Options, besides the quotas themselves.
struct Quotas {
  std::size_t max_addresses = 65'536;
  std::size_t max_subjects = 100'000;
  Quota anonymous;   // of each address
  RoleQuotas roles;  // of each user of a role
  bool operator==(const Quotas&) const = default;
};

// As worker::Mode.
enum class Confinement { off, on, required };

// As records::Mode.
enum class RecordMode { off, async, durable };

// As hosting::ServingOptions.
struct Serving {
  std::string versions = "latest";  // "latest", "latest 2", "all", "1, 3"
  std::size_t workers = 1;
  std::size_t threads_per_worker = 1;
  bool fork_server = true;
  std::size_t max_queue = 256;
  std::size_t max_batch = 8;
  milliseconds max_batch_delay{0};
  milliseconds call_timeout{60'000};
  milliseconds queue_timeout{60'000};
  milliseconds load_timeout{120'000};
  std::size_t max_input_bytes = 128UL * 1024 * 1024;
  std::size_t max_output_bytes = 64UL * 1024 * 1024;
  std::size_t spin_us = 0;
  milliseconds restart_delay_min{100};
  milliseconds restart_delay_max{30'000};
  std::size_t max_memory_bytes = 16UL * 1024 * 1024 * 1024;
  milliseconds max_cpu_per_call{600'000};
  std::size_t max_threads = 1024;
  std::size_t max_open_files = 1024;
  std::size_t max_scratch_bytes = 16UL * 1024 * 1024 * 1024;
  Confinement confinement = Confinement::on;
  bool network = false;
  bool processes = false;
  std::vector<std::filesystem::path> allow_read;
  std::vector<std::filesystem::path> allow_write;
  RecordMode records = RecordMode::async;
  Quota quota;           // of all callers together
  Quota quota_per_user;  // of each user
  bool operator==(const Serving&) const = default;
};

// As http::FetchOptions.
struct Fetch {
  std::vector<std::string> allow;  // "10.0.0.0/8", "files.internal", "127.0.0.1:8000": may be fetched though inside
  std::vector<std::string> deny;   // the same forms: may not be fetched, allowed or not
  bool only_allowed = false;
  std::size_t max_bytes = 64UL * 1024 * 1024;
  std::size_t max_redirects = 3;
  std::size_t max_at_once = 4;
  std::size_t max_queue = 64;
  milliseconds connect_timeout{5'000};
  milliseconds total_timeout{30'000};
  std::size_t min_bytes_per_second = 1024;
  milliseconds low_speed_time{10'000};
  bool operator==(const Fetch&) const = default;
};

struct Deepaas {
  bool v1 = true;
  bool v2 = true;
  bool predict = true;  // off: 402
  bool train = true;    // off: 402
  bool debug = false;   // /v2/debug/ shows recent log lines
  std::size_t debug_bytes = 64UL * 1024;
  bool operator==(const Deepaas&) const = default;
};

// Who may make themselves users.
enum class Registration { closed, open };

// As dialects::TabularOptions.
struct Tabular {
  bool enabled = false;
  std::string model;  // answers /predict
  Registration registration = Registration::closed;
  bool operator==(const Tabular&) const = default;
};

// As dialects::ClassifierOptions.
struct Classifier {
  bool enabled = false;
  std::string model;  // the active one at first; "": none
  bool operator==(const Classifier&) const = default;
};

// As dialects::Deployment.
struct Deployment {
  std::string model;               // "": none
  std::vector<std::string> users;  // empty: whoever may predict with the model
  bool operator==(const Deployment&) const = default;
};

// As store::DatabaseOptions.
struct Store {
  std::string url;  // "": berth.db in state_dir
  std::size_t max_waiting = 1024;
  std::size_t readers = 2;
  milliseconds retry{1000};
  bool operator==(const Store&) const = default;
};

// As records::Options and core::RecordTextOptions.
struct Records {
  milliseconds max_age{std::chrono::hours(90 * 24)};  // 0: however old
  std::size_t max_bytes = 8UL * 1024 * 1024 * 1024;   // 0: however large
  std::size_t max_text_bytes = 64UL * 1024;
  std::size_t max_waiting = 10'000;
  std::size_t max_waiting_bytes = 256UL * 1024 * 1024;
  std::filesystem::path media_dir;  // "": files are known by their hash alone
  std::vector<std::string> redact;  // besides those that always are
  bool operator==(const Records&) const = default;
};

// As identity::GateOptions and identity::Accounts::Options.
struct Identity {
  milliseconds token_lifetime{3'600'000};
  std::vector<std::filesystem::path> token_keys;  // empty: one that is made in state_dir
  std::size_t password_memory = 64UL * 1024 * 1024;
  std::size_t password_passes = 2;
  std::size_t password_threads = 1;
  std::size_t max_waiting_logins = 64;
  std::size_t free_login_attempts = 5;
  milliseconds longest_login_wait{300'000};
  bool operator==(const Identity&) const = default;
};

struct Trainings {
  std::size_t max_running = 4;
  std::size_t max_finished = 1000;
  std::size_t max_finished_bytes = 256UL * 1024 * 1024;
  milliseconds stop_grace{5'000};
  bool operator==(const Trainings&) const = default;
};

// As hosting::CrashReporter::Options.
struct Crashes {
  bool keep_input = false;  // what the worker was called with, beside its report
  std::size_t max_reports = 200;
  std::size_t max_bytes = 64UL * 1024 * 1024;
  bool operator==(const Crashes&) const = default;
};

struct Config {
  Server server;
  Limits limits;
  Log log;
  Serving defaults;                       // how every model is served …
  std::map<std::string, Serving> models;  // … and those named here, already filled up from `defaults`
  Fetch fetch;
  Deepaas deepaas;
  Tabular tabular;
  Classifier classifier;
  std::map<std::string, Deployment> deployments;  // by id
  Trainings trainings;
  Store store;
  Records records;
  Identity identity;
  Crashes crashes;
  Quotas quotas;
  bool operator==(const Config&) const = default;
};

// How the model of that name is served.
const Serving& serving_for(const Config& config, std::string_view name);

// Reads a file. invalid_argument: every mistake in it, one a line, each as
//   berth.yaml:12: server.port: expected an integer 0..65535, got "abc"
// not_found: it cannot be opened.
Result<Config> load(const std::filesystem::path& file);

// As load, of a text; `file_name` is for the messages. Relative folders are left as they are.
Result<Config> parse(const std::string& text, const std::string& file_name);

// What server.ip, server.base_path, … accept, for values that come from the command line: the same messages, with
// `what` ("--listen-ip") in place of file and line.
Result<> check_ip(const std::string& value, const std::string& what);
Result<> check_base_path(const std::string& value, const std::string& what);

}  // namespace berth::config
